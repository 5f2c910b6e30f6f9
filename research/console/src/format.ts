// Figures as people read them.

const scaled = (value: number, step: number, units: string[]) => {
  let at = 0;
  while (value >= step && at + 1 < units.length) {
    value /= step;
    ++at;
  }
  return `${value >= 100 || at === 0 ? Math.round(value) : value.toFixed(1)} ${units[at]}`;
};

export const bytes = (count: number) => scaled(count, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB']);
export const kbps = (rate: number) => scaled(rate, 1000, ['kb/s', 'Mb/s', 'Gb/s']);
export const percent = (part: number) => `${(part * 100).toFixed(part > 0 && part < 0.1 ? 1 : 0)} %`;
// Of things that are counted: a line between two of them has no figure.
export const whole = (count: number) => (Number.isInteger(count) ? number(count) : '');
export const number = (count: number) => count.toLocaleString('en').replaceAll(',', '\u202f');

export function duration(seconds: number) {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const days = Math.floor(seconds / 86400);
  return `${days > 0 ? `${days} d ` : ''}${two((seconds % 86400) / 3600)}:${two((seconds % 3600) / 60)}:${two(seconds % 60)}`;
}

export const clock = (ms: number) => new Date(ms).toLocaleTimeString('en-GB');
export const date = (ms: number) => `${new Date(ms).toLocaleDateString('sv')} ${clock(ms)}`;
