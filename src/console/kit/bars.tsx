import '../style/bars.css';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export interface Bar {
  /** Milliseconds since 1970: where its hour begins. */
  readonly at: number;
  readonly count: number;
  /** Those among them that went wrong. */
  readonly bad: number;
}

interface BarsProps {
  /** What is counted: "Actions, by the hour". */
  readonly label: string;
  readonly counted: string;
  readonly bad: string;
  readonly values: readonly Bar[];
}

const height = 140;
const bars = uPlot.paths.bars?.({ size: [0.75, 40] });
const hours = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const moments = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 100_000];

function optionsFor(element: HTMLElement): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name);
  const axis = { stroke: colour('--mute'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } };
  const series = (fill: string) => ({
    fill: colour(fill),
    ...(bars !== undefined && { paths: bars }),
    points: { show: false },
  });
  return {
    ...{ width: element.clientWidth, height, legend: { show: false }, cursor: { show: false } },
    scales: { y: { range: (_, __, most) => [0, Math.max(4, most)] } },
    axes: [
      {
        ...axis,
        ...{ grid: { show: false }, size: 26 },
        values: (_, splits) => splits.map((at) => hours.format(at * 1_000)),
      },
      { ...axis, incrs: steps },
    ],
    series: [{}, series('--main'), series('--bad')],
  };
}

function onOtherColours(changed: () => void): () => void {
  const chosen = new MutationObserver(changed);
  chosen.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => chosen.disconnect();
}

function coloursNow(): string | undefined {
  return document.documentElement.dataset['theme'];
}

/** A bar for each time, what went wrong within it, and the same as a table for whoever cannot see it. */
export function Bars(props: BarsProps) {
  // A canvas keeps the colours that it was drawn in.
  return <Chart key={useSyncExternalStore(onOtherColours, coloursNow)} {...props} />;
}

function Chart({ label, counted, bad, values }: BarsProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current;
    if (element === null) {
      return;
    }
    const columns = [
      values.map(({ at }) => at / 1_000),
      values.map(({ count }) => count),
      values.map((value) => value.bad),
    ] satisfies uPlot.AlignedData;
    const chart = new uPlot(optionsFor(element), columns, element);
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
      <figcaption aria-hidden="true">
        <span className="bars-key all" /> {counted} <span className="bars-key bad" /> {bad}
      </figcaption>
      <div className="visually-hidden">
        <table>
          <caption>{label}</caption>
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col">{counted}</th>
              <th scope="col">{bad}</th>
            </tr>
          </thead>
          <tbody>
            {values.map((value) => (
              <tr key={value.at}>
                <th scope="row">{moments.format(value.at)}</th>
                <td>{value.count}</td>
                <td>{value.bad}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}
