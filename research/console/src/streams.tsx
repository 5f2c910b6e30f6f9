import {useState} from 'preact/hooks';
import * as api from './api';
import {kbps, number} from './format';
import {StreamLink} from './links';
import {Pager} from './pager';
import {Button, Cell, Notice, Sure, useActs, usePolled} from './parts';
import {useRates} from './rates';
import type {Site} from './site';
import {SortChoice, SortedHeads, useOrder} from './sorting';
import {sentence, text} from './text';

const page = 50;
const most = 1000;  // that are asked for and put in order here

export function codec({video, audio}: api.Stream) {
  return [
    video && `${video.codec} ${video.width || '?'}×${video.height || '?'}`,
    audio && `${audio.codec} ${audio.sample_rate ? `${audio.sample_rate / 1000} kHz` : ''}`,
  ].filter(Boolean).join(' · ');
}

export const viewersOf = (stream: api.Stream) => Math.max(0, stream.clients - (stream.publish.active ? 1 : 0));
export const rateText = (rate: number | undefined) => (rate === undefined || Number.isNaN(rate) ? '…' : kbps(rate));
export const recordedNow = async () => new Set((await api.recordings().catch(() => ({dvrs: []}))).dvrs.map((one) => one.url));

// Recording and its end, by a press; `look` asks anew.
export function StreamActions({stream, recorded, act}: {stream: api.Stream; recorded: boolean; act: (work: Promise<unknown>) => Promise<void>}) {
  const name = api.parseUrl(stream.url);
  const live = stream.publish.active;
  return (
    <>
      {live && !recorded && <Button label={text('record')} act={() => act(api.record('start', name))} />}
      {live && recorded && <Button label={text('split')} act={() => act(api.record('split', name))} />}
      {live && recorded && <Sure label={text('recordStop')} what={stream.url} act={() => act(api.record('stop', name))} />}
      <Sure label={text('kick')} what={stream.url} act={() => act(api.kick('streams', stream.id))} />
    </>
  );
}

export function Streams({site, wake}: {site: Site; wake: number}) {
  const [start, setStart] = useState(0);
  const [filter, setFilter] = useState('');
  const [answer, unreachable, look] = usePolled(
    async () => ({...await api.streams(most, filter), recorded: await recordedNow()}), 2000, [filter, wake]);
  const rates = useRates(answer?.streams);
  const columns = [
    {name: text('stream'), by: (one: api.Stream) => one.url},
    {name: text('codec'), by: codec},
    {name: text('rate'), by: (one: api.Stream) => rates.get(one.id) || 0},
    {name: text('frames'), by: (one: api.Stream) => one.fps ?? 0},
    {name: text('gop'), by: (one: api.Stream) => one.gop_ms ?? 0},
    {name: text('viewers'), by: viewersOf},
    {name: text('actions')},
  ];
  const [sorted, order, press] = useOrder<api.Stream>(columns, {column: 0, falling: false});
  const [act, fault] = useActs(look);
  const shown = sorted(answer?.streams ?? []);
  const left_out = (answer?.total ?? 0) - (answer?.streams.length ?? 0);
  return (
    <section>
      <div class="bar">
        <h2>{text('streams')} <span class="quiet">{answer?.total ?? ''}</span></h2>
        <SortChoice columns={columns} order={order} press={press} />
        <input type="search" placeholder={text('filterStreams')} value={filter} aria-label={text('filterStreams')}
          onInput={(event) => { setFilter(event.currentTarget.value); setStart(0); }} />
      </div>
      <Notice words={fault || unreachable} kind="bad" />
      {left_out > 0 && <p class="quiet">{sentence('onlySome', answer?.streams.length ?? 0, answer?.total ?? 0)}</p>}
      {answer && shown.length === 0 && <p class="quiet">{text(filter ? 'noMatch' : 'noStreams')}</p>}
      {shown.length > 0 && (
        <table>
          <SortedHeads columns={columns} order={order} press={press} />
          <tbody>
            {shown.slice(start, start + page).map((stream) => {
              const name = api.parseUrl(stream.url);
              const live = stream.publish.active;
              const play = live && site.player(name);
              const is_recorded = answer?.recorded.has(stream.url) ?? false;
              return (
                <tr key={stream.id} data-url={stream.url}>
                  <Cell kind="name">{live && stream.poster && <img class="poster" src={site.poster(name)} alt="" loading="lazy" decoding="async" />}<StreamLink url={stream.url} />{is_recorded && <span class="badge record">{text('recording')}</span>}</Cell>
                  <Cell name={text('codec')}>{live ? codec(stream) : <span class="quiet">{text(stream.source?.state === 'slate' ? 'stands' : 'waiting')}</span>}</Cell>
                  <Cell name={text('rate')} kind="figure rate">{live ? rateText(rates.get(stream.id)) : ''}</Cell>
                  <Cell name={text('frames')} kind="figure">{stream.fps ? stream.fps.toFixed(1) : ''}</Cell>
                  <Cell name={text('gop')} kind="figure">{stream.gop_ms ? `${(stream.gop_ms / 1000).toFixed(1)} s` : ''}</Cell>
                  <Cell name={text('viewers')} kind="figure">{number(viewersOf(stream))}</Cell>
                  <Cell kind="actions">
                    {play && <a class="small button" href={play} target="_blank" rel="noreferrer">{text('play')}</a>}
                    <StreamActions stream={stream} recorded={is_recorded} act={act} />
                  </Cell>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
      <Pager start={start} size={page} total={shown.length} go={setStart} />
    </section>
  );
}
