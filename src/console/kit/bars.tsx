import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export interface Bar {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly count: number;
}

const height = 160;
const bars = uPlot.paths.bars?.({ size: [0.7, 60] });

/** A bar for each time, and the same as a table for whoever cannot see it. */
export function Bars({ label, values }: { readonly label: string; readonly values: readonly Bar[] }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current;
    if (element === null) {
      return;
    }
    const colour = getComputedStyle(element);
    const axis = { stroke: colour.getPropertyValue('--mute'), grid: { stroke: colour.getPropertyValue('--line') } };
    const chart = new uPlot(
      {
        ...{ width: element.clientWidth, height, legend: { show: false }, cursor: { show: false } },
        axes: [axis, { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 10_000, 100_000] }],
        series: [
          {},
          {
            fill: colour.getPropertyValue('--main'),
            ...(bars !== undefined && { paths: bars }),
            points: { show: false },
          },
        ],
      },
      [values.map(({ at }) => at / 1_000), values.map(({ count }) => count)],
      element,
    );
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, [values]);
  return (
    <figure className="bars">
      <div aria-hidden="true" ref={place} />
      <table className="visually-hidden">
        <caption>{label}</caption>
        <tbody>
          {values.map(({ at, count }) => (
            <tr key={at}>
              <th scope="row">{new Date(at).toISOString()}</th>
              <td>{count}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}
