import '../style/qr-code.css';
import { encode } from 'uqr';

/** Four modules of quiet around it, as cameras need. */
const quiet = 4;

/** A text for a camera. Dark on light in both themes: many cameras read nothing else. */
export function QrCode({ label, text }: { readonly label: string; readonly text: string }) {
  const { data, size } = encode(text, { border: quiet });
  const dark = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return (
    <svg aria-label={label} className="qr-code" role="img" shapeRendering="crispEdges" viewBox={`0 0 ${size} ${size}`}>
      <path d={dark.join('')} />
    </svg>
  );
}
