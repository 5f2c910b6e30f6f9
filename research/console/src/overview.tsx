import {Chart} from './chart';
import type {Happening, Stats} from './events';
import {bytes, clock, kbps, number, percent, whole} from './format';
import {StreamLink} from './links';
import {amount, isWord, text} from './text';

function Tile({name, value, more}: {name: string; value: string; more: string}) {
  return <div class="tile"><span class="quiet">{name}</span><strong>{value}</strong><span class="quiet">{more}</span></div>;
}

function details({name, data}: Happening): string {
  if (name === 'reload') return data.error === 0 ? text('reloaded') : String(data.message);
  if (name === 'skip') return String(data.count);
  if (name === 'lost') return Number(data.events) < 0 ? '' : String(data.events);
  if (name === 'hook') return `${data.hook}: ${['failed', 'denied', 'dropped'].filter((what) => data[what]).map((what) => `${data[what]} ${what}`).join(', ')}`;
  if (name === 'record') return `${data.url} → ${data.file}`;
  return [data.type, data.ip].filter(Boolean).join(' · ');
}

// Both figures are parts of the whole machine: 100 % is all cores.
const of_machine = (stats: Stats) => stats.cpu_percent / Math.max(1, stats.cpus);

export function Overview({history, happened}: {history: Stats[]; happened: Happening[]}) {
  const now = history.at(-1);
  const times = history.map((stats) => stats.time_ms);
  const of = (pick: (stats: Stats) => number) => history.map(pick);
  return (
    <>
      <div class="tiles">
        <Tile name={text('received')} value={now ? kbps(now.recv_kbps) : '–'} more={now ? amount('clients', now.clients) : ''} />
        <Tile name={text('sent')} value={now ? kbps(now.send_kbps) : '–'} more={now ? `${text('skips')} ${number(now.skips)}` : ''} />
        <Tile name={text('players')} value={now ? number(now.players) : '–'} more={now ? amount('errors', now.clients_errs) : ''} />
        <Tile name={text('streams')} value={now ? number(now.streams) : '–'} more={now ? amount('publishers', now.publishers) : ''} />
        <Tile name={text('cpu')} value={now ? percent(of_machine(now)) : '–'} more={now ? `${text('machine')} ${percent(now.system_cpu_percent)} · ${amount('cores', now.cpus)} · ${text('load')} ${now.load_1m.toFixed(2)}` : ''} />
        <Tile name={text('memory')} value={now ? bytes(now.mem_kbyte * 1024) : '–'} more={now ? `${text('machine')} ${percent(now.mem_ram_percent)}` : ''} />
      </div>
      <div class="charts">
        <Chart title={text('bandwidth')} show={kbps} least={100} times={times} lines={[
          {kind: 'one', label: text('sent'), values: of((stats) => stats.send_kbps)},
          {kind: 'two', label: text('received'), values: of((stats) => stats.recv_kbps)},
        ]} />
        <Chart title={text('players')} show={whole} least={5} times={times} lines={[{kind: 'one', label: '', values: of((stats) => stats.players)}]} />
        <Chart title={text('cpu')} show={percent} least={0.1} times={times} lines={[
          {kind: 'one', label: text('process'), values: of(of_machine)},
          {kind: 'two', label: text('machine'), values: of((stats) => stats.system_cpu_percent)},
        ]} />
      </div>
      <section>
        <h2>{text('happened')}</h2>
        {happened.length === 0 ? <p class="quiet">{text('nothing')}</p> : (
          <ul class="happened">
            {happened.map((what, index) => {
              const word = `e_${what.name}`;
              return (
                <li key={`${what.data.time_ms}-${index}`}>
                  <time class="quiet">{what.data.time_ms ? clock(Number(what.data.time_ms)) : ''}</time>
                  <span class={`badge ${what.name}`}>{isWord(word) ? text(word) : what.name}</span>
                  <span class="details">{what.data.url && what.name !== 'record' && <StreamLink url={String(what.data.url)} />} {details(what)}</span>
                </li>
              );
            })}
          </ul>
        )}
      </section>
    </>
  );
}
