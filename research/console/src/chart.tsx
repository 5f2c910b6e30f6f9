// A line or two over the last five minutes, or the minute while there is no more, as SVG. Sizes are attributes: the page allows no inline style.

const least_seconds = 60;
const most_seconds = 300;
const width = 600;
const height = 120;

export interface Line { kind: string; label: string; values: number[] }

// A round number above: 1, 2 or 5 with zeros.
function roof(most: number) {
  if (most <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return ([1, 2, 5, 10].find((step) => step * power >= most) ?? 10) * power;
}

function path(values: number[], top: number, closed: boolean) {
  const seconds = Math.max(least_seconds, values.length);
  const x = (index: number) => (width - ((values.length - 1 - index) * width) / (seconds - 1)).toFixed(1);
  const points = values.map((value, index) => `${x(index)},${(height - (value / top) * (height - 4)).toFixed(1)}`);
  return closed ? `M${x(0)},${height}L${points.join('L')}L${width},${height}Z` : `M${points.join('L')}`;
}

export function Chart({title, lines, show, least}: {title: string; lines: Line[]; show: (value: number) => string; least?: number}) {
  const top = Math.max(least ?? 0, roof(Math.max(...lines.flatMap((line) => line.values), 0)));
  return (
    <figure class="chart">
      <figcaption>
        <strong>{title}</strong>
        {lines.map((line) => (
          <span key={line.kind} class={`key ${line.kind}`}>{line.label} <b>{show(line.values.at(-1) ?? 0)}</b></span>
        ))}
      </figcaption>
      <div class="plot">
        <span class="roof">{show(top)}</span>
        <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={title}>
          {[0.25, 0.5, 0.75].map((part) => <path key={part} class="grid" d={`M0,${height * part}H${width}`} />)}
          {lines.filter((line) => line.values.length > 1).map((line) => (
            <g key={line.kind} class={line.kind}>
              <path class="area" d={path(line.values, top, true)} />
              <path class="line" d={path(line.values, top, false)} />
            </g>
          ))}
        </svg>
      </div>
    </figure>
  );
}

export const kept = most_seconds;
