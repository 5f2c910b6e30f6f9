import {useRef, useState} from 'preact/hooks';
import * as api from './api';
import {kbps, number} from './format';
import {Button, Cell, explain, Heads, Notice, Sure, usePolled} from './parts';
import {Pager} from './pager';
import type {Site} from './site';
import {text} from './text';

const page = 50;

function codec({video, audio}: api.Stream) {
  return [
    video && `${video.codec} ${video.width || '?'}×${video.height || '?'}`,
    audio && `${audio.codec} ${audio.sample_rate ? `${audio.sample_rate / 1000} kHz` : ''}`,
  ].filter(Boolean).join(' · ');
}

const rate_of = (rate: number | undefined) => (rate === undefined || Number.isNaN(rate) ? '…' : kbps(rate));

// Of the time between two looks; the server's own is of thirty seconds, and 0 until they have passed.
function useRates(streams: api.Stream[] | undefined) {
  const before = useRef(new Map<string, {at: number; bytes: number; rate: number}>());
  const rates = new Map<string, number>();
  const now = new Map<string, {at: number; bytes: number; rate: number}>();
  for (const stream of streams ?? []) {
    const had = before.current.get(stream.id);
    let rate = had?.rate ?? (stream.kbps.recv_30s || NaN);
    if (had && stream.live_ms > had.at && stream.recv_bytes >= had.bytes) rate = ((stream.recv_bytes - had.bytes) * 8) / (stream.live_ms - had.at);
    rates.set(stream.id, rate);
    now.set(stream.id, {at: stream.live_ms, bytes: stream.recv_bytes, rate});
  }
  if (streams) before.current = now;
  return rates;
}

export function Streams({site, wake}: {site: Site; wake: number}) {
  const [start, setStart] = useState(0);
  const [filter, setFilter] = useState('');
  const [fault, setFault] = useState('');
  const [answer, unreachable, look] = usePolled(
    async () => ({...await api.streams(start, page, filter), recordings: await api.recordings().catch(() => ({dvrs: [], files: []}))}),
    2000, [start, filter, wake]);
  const rates = useRates(answer?.streams);
  const recorded = new Set(answer?.recordings.dvrs.map((one) => one.url));
  const act = async (work: Promise<unknown>) => {
    try {
      await work;
      setFault('');
    } catch (problem) {
      setFault(explain(problem));
    }
    look();
  };
  return (
    <section>
      <div class="bar">
        <h2>{text('streams')} <span class="quiet">{answer?.total ?? ''}</span></h2>
        <input type="search" placeholder={text('filter')} value={filter} aria-label={text('filter')}
          onInput={(event) => { setFilter(event.currentTarget.value); setStart(0); }} />
      </div>
      <Notice words={fault || unreachable} />
      {answer && answer.streams.length === 0 && <p class="quiet">{text('noStreams')}</p>}
      {answer && answer.streams.length > 0 && (
        <table>
          <Heads names={[text('stream'), text('codec'), text('rate'), text('frames'), text('gop'), text('viewers'), text('actions')]} />
          <tbody>
            {answer.streams.map((stream) => {
              const name = api.parseUrl(stream.url);
              const live = stream.publish.active;
              const play = live && site.player(name);
              const is_recorded = recorded.has(stream.url);
              return (
                <tr key={stream.id} data-url={stream.url}>
                  <Cell kind="name">{live && stream.poster && <img class="poster" src={site.poster(name)} alt="" loading="lazy" decoding="async" />}<strong>{stream.url.replace(/^\//, '')}</strong>{is_recorded && <span class="badge record">{text('recording')}</span>}</Cell>
                  <Cell name={text('codec')}>{live ? codec(stream) : <span class="quiet">{text('waiting')}</span>}</Cell>
                  <Cell name={text('rate')} kind="figure rate">{live ? rate_of(rates.get(stream.id)) : ''}</Cell>
                  <Cell name={text('frames')} kind="figure">{stream.fps ? stream.fps.toFixed(1) : ''}</Cell>
                  <Cell name={text('gop')} kind="figure">{stream.gop_ms ? `${(stream.gop_ms / 1000).toFixed(1)} s` : ''}</Cell>
                  <Cell name={text('viewers')} kind="figure">{number(Math.max(0, stream.clients - (live ? 1 : 0)))}</Cell>
                  <Cell kind="actions">
                    {play && <a class="small button" href={play} target="_blank" rel="noreferrer">{text('play')}</a>}
                    {live && !is_recorded && <Button label={text('record')} act={() => act(api.record('start', name))} />}
                    {live && is_recorded && <Button label={text('split')} act={() => act(api.record('split', name))} />}
                    {live && is_recorded && <Button label={text('recordStop')} act={() => act(api.record('stop', name))} />}
                    <Sure label={text('kick')} act={() => act(api.kick('streams', stream.id))} />
                  </Cell>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
      <Pager start={start} size={page} total={answer?.total ?? 0} go={setStart} />
    </section>
  );
}
