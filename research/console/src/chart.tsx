// Lines over the last five minutes: the moment under the pointer is told, a drag zooms, a double click shows all again.

import uPlot from 'uplot';
import {useEffect, useRef} from 'preact/hooks';
import {clock} from './format';
import {onColours} from './theme';

export const kept_seconds = 300;
const height = 150;

export interface Line { kind: 'one' | 'two' | 'three' | 'four'; label: string; values: (number | null)[] }
interface Given { title: string; lines: Line[]; times: number[]; show: (value: number) => string; least?: number }

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

// Each line's times, in seconds; a silence of the server is a gap and no slope.
function dataOf({times, lines}: Given): uPlot.AlignedData {
  const longest = 12_000;
  const at: number[] = [];
  const values: (number | null)[][] = lines.map(() => []);
  times.forEach((time, index) => {
    const before = times[index - 1];
    if (before !== undefined && time - before > longest) {
      at.push((before + 1) / 1000);
      values.forEach((of) => of.push(null));
    }
    at.push(time / 1000);
    lines.forEach((line, number) => values[number]?.push(line.values[index] ?? null));
  });
  return [at, ...values] as uPlot.AlignedData;
}

function plotOf(place: HTMLElement, {lines, show, least}: Given, told: (index: number | null) => void) {
  const axis = {stroke: colour('quiet'), grid: {stroke: colour('line'), width: 1}, ticks: {show: false}, font: '11px system-ui, sans-serif'};
  return new uPlot({
    width: place.clientWidth, height,
    padding: [8, 26, 0, 0],
    legend: {show: false},
    cursor: {points: {size: 6}, drag: {x: true, y: false}},
    scales: {
      x: {range: (_, low, high) => (high - low < kept_seconds && high - low > 60 ? [low, high] : [high - Math.min(kept_seconds, Math.max(60, high - low)), high])},
      y: {range: (_, __, high) => [0, Math.max(least ?? 1, (high ?? 0) * 1.08)]},
    },
    axes: [
      {...axis, size: 26, space: 64, incrs: [5, 10, 15, 30, 60, 120], values: (_, splits) => splits.map((one) => clock(one * 1000))},
      {...axis, size: 66, space: 34, values: (_, splits) => splits.map((one) => show(one))},
    ],
    series: [{}, ...lines.map(({kind, label}) => ({
      label, stroke: colour(kind), width: 2, fill: `${colour(kind)}1f`, points: {show: false},
    }))],
    hooks: {setCursor: [({cursor}) => told(cursor.idx ?? null)]},
  }, [[]], place);
}

export function Chart(given: Given) {
  const {title, lines, times, show} = given;
  const place = useRef<HTMLDivElement>(null);
  const words = useRef<HTMLElement>(null);
  const plot = useRef<uPlot>();
  const now = useRef(given);
  now.current = given;

  // What the figures beside the title say: the moment under the pointer, else the last one.
  const tell = () => {
    const data = plot.current?.data;
    const hovered = plot.current?.cursor.idx;
    const {lines: all, show: shown} = now.current;
    all.forEach((line, number) => {
      const place = words.current?.querySelector(`.${line.kind} b`);
      const value = hovered === null || hovered === undefined ? line.values.at(-1) : data?.[number + 1]?.[hovered];
      if (place) place.textContent = value === undefined || value === null ? '–' : shown(value);
    });
    const moment = words.current?.querySelector('time');
    const time = hovered === null || hovered === undefined ? undefined : data?.[0]?.[hovered];
    if (moment) moment.textContent = time === undefined ? '' : clock(time * 1000);
  };
  const draw = () => {
    if (!place.current) return;
    plot.current?.destroy();
    plot.current = plotOf(place.current, now.current, tell);
    plot.current.setData(dataOf(now.current));
  };
  useEffect(() => {
    draw();
    const sized = new ResizeObserver(([entry]) => plot.current?.setSize({width: entry?.contentRect.width ?? 0, height}));
    if (place.current) sized.observe(place.current);
    const forget = onColours(draw);
    return () => {
      sized.disconnect();
      forget();
      plot.current?.destroy();
    };
  }, [lines.map((line) => line.label).join()]);
  useEffect(() => {
    const one = plot.current;
    if (!one) return;
    const {min, max} = one.scales.x ?? {};
    const zoomed = min !== undefined && max !== undefined && min !== null && max !== null && max < (one.data[0]?.at(-1) ?? 0);
    one.setData(dataOf(given), !zoomed);
    if (zoomed) one.redraw();
    tell();
  }, [times.at(-1)]);
  return (
    <figure class="chart">
      <figcaption ref={words}>
        <strong>{title}</strong><time class="quiet" />
        {lines.map((line) => <span key={line.kind} class={`key ${line.kind}`}>{line.label} <b>{line.values.length > 0 ? show(line.values.at(-1) ?? 0) : '–'}</b></span>)}
      </figcaption>
      <div class="plot" ref={place} role="img" aria-label={title} />
    </figure>
  );
}
