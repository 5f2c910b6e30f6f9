// Server-sent events by fetch: EventSource can send no header, and so no credentials. Comes back by itself, behind the
// last event that was heard.

import {headers, Refused} from './api';

export interface Stats {
  time_ms: number; recv_kbps: number; send_kbps: number; streams: number; publishers: number; players: number; clients: number;
  clients_total: number; clients_errs: number; skips: number; cpu_percent: number; system_cpu_percent: number; cpus: number;
  mem_kbyte: number; mem_ram_kbyte: number; mem_ram_percent: number; load_1m: number;
}
export interface Happening { name: string; data: Record<string, string | number> }

const longest = 1 << 20;

// Splits what arrives into events (HTML 9.2.6); `emit` gets name, data and id of each.
export function eventReader(emit: (name: string, data: string, id: string) => void) {
  let pending = '';
  return (more: string) => {
    pending += more;
    for (let end = pending.indexOf('\n\n'); end >= 0; end = pending.indexOf('\n\n')) {
      const fields: Record<string, string> = {};
      for (const line of pending.slice(0, end).split('\n')) {
        const colon = line.indexOf(':');
        if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 1).replace(/^ /, '');
      }
      pending = pending.slice(end + 2);
      if (fields.data !== undefined) emit(fields.event ?? 'message', fields.data, fields.id ?? '');
    }
    if (pending.length > longest) throw new Error('an event without end');
  };
}

// onRefused is called with the status when coming again is of no use. Gives what ends it.
export function listen(on: {
  stats: (stats: Stats) => void; history: (stats: Stats[]) => void; happening: (what: Happening) => void; connected: (yes: boolean) => void; refused: (status: number) => void;
}): () => void {
  const ending = new AbortController();
  let last = '';

  async function hear() {
    // A server that says nothing for this long has gone: it tells its figures each second.
    let silence: ReturnType<typeof setTimeout> | undefined;
    const attempt = new AbortController();
    const stop = () => attempt.abort();
    ending.signal.addEventListener('abort', stop);
    const wait = () => {
      clearTimeout(silence);
      silence = setTimeout(stop, 15000);
    };
    try {
      wait();
      // Who comes anew is told of the time before.
      const response = await fetch(last ? '/api/v1/events' : '/api/v1/events?history=1', {
        headers: {...headers(), ...(last ? {'Last-Event-ID': last} : {})}, credentials: 'omit', cache: 'no-store', signal: attempt.signal,
      });
      if (!response.ok || !response.body) throw new Refused(response.status);
      on.connected(true);
      const read = eventReader((name, data, id) => {
        if (id) last = id;
        const told = JSON.parse(data);
        if (name === 'stats') on.stats(told);
        else if (name === 'history') on.history(told.stats);
        else if (name === 'hello') last ||= told.last;
        else on.happening({name, data: told});
      });
      const decoder = new TextDecoder();
      for (const reader = response.body.getReader();;) {
        const {done, value} = await reader.read();
        if (done) return;
        wait();
        read(decoder.decode(value, {stream: true}));
      }
    } finally {
      clearTimeout(silence);
      ending.signal.removeEventListener('abort', stop);
      attempt.abort();
    }
  }

  (async () => {
    for (let pause = 1000; !ending.signal.aborted; pause = Math.min(pause * 2, 10000)) {
      const begun = Date.now();
      try {
        await hear();
      } catch (fault) {
        if (fault instanceof Refused && [401, 403, 501].includes(fault.status)) {
          if (!ending.signal.aborted) on.refused(fault.status);
          return;
        }
      }
      if (ending.signal.aborted) return;
      on.connected(false);
      if (Date.now() - begun > 10000) pause = 1000;
      await new Promise((done) => { setTimeout(done, pause); });
    }
  })();
  return () => ending.abort();
}
