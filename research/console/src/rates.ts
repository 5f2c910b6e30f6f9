// Bitrates between two looks; the server's own are of thirty seconds, and 0 until they have passed.

import {useRef} from 'preact/hooks';
import type {Stream} from './api';

const least_ms = 3500;

interface Look { at: number; bytes: number; rate: number }

// kb/s that come in (or go out), by the id of the stream; NaN: not known yet.
export function useRates(streams: Stream[] | undefined, way: 'recv' | 'send' = 'recv'): Map<string, number> {
  const before = useRef(new Map<string, Look>());
  const rates = new Map<string, number>();
  const now = new Map<string, Look>();
  for (const stream of streams ?? []) {
    const had = before.current.get(stream.id);
    const bytes = stream[`${way}_bytes`];
    let rate = had?.rate ?? (stream.kbps[`${way}_30s`] || NaN);
    // Totals are of up to three seconds ago: of a shorter time nothing can be said.
    if (had && bytes >= had.bytes && stream.live_ms - had.at < least_ms) {
      rates.set(stream.id, had.rate);
      now.set(stream.id, had);
      continue;
    }
    if (had && bytes >= had.bytes) rate = ((bytes - had.bytes) * 8) / (stream.live_ms - had.at);
    rates.set(stream.id, rate);
    now.set(stream.id, {at: stream.live_ms, bytes, rate});
  }
  if (streams) before.current = now;
  return rates;
}
