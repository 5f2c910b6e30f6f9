// All of one stream: the picture, what comes in and goes out over time, who watches, where it is from and goes to, what the log says.

import {useEffect, useState} from 'preact/hooks';
import * as api from './api';
import {Chart, kept_seconds, type Line} from './chart';
import {ClientTable} from './clients';
import {bytes, clock, duration, kbps, number, whole} from './format';
import {ClientLink, LogLink, logHash} from './links';
import {Cell, Copy, Heads, Notice, useActs, usePolled} from './parts';
import {useRates} from './rates';
import type {Site} from './site';
import {codec, rateText, StreamActions, viewersOf} from './streams';
import {amount, stateName, text} from './text';

interface Moment { time: number; received: number; sent: number; players: Record<string, number>; behind: number }

const most_lines = 40;
const kinds = ['one', 'two', 'three', 'four'] as const;

async function all(name: api.Name) {
  const [stream, clients, recordings, relays, log] = await Promise.all([
    api.stream(name), api.clientsOf(name), api.recordings(name).catch(() => ({dvrs: [], files: []})),
    api.relays().catch(() => ({sources: [], forwards: []})), api.logs(0, 'info', 1000).catch(() => ({logs: []})),
  ]);
  const here = (one: api.Relay) => one.app === name.app && one.stream === name.name;
  const ids = new Set(clients.clients.map((one) => one.id));
  const label = `${name.app}/${name.name}`;
  return {
    stream, clients: clients.clients, total: clients.total, recordings, sources: relays.sources.filter(here), forwards: relays.forwards.filter(here),
    lines: log.logs.filter((line) => ids.has(line.client) || line.text.includes(label)).slice(-most_lines),
  };
}

const known = (rate: number) => (Number.isNaN(rate) ? 0 : rate);

function useMoments(stream: api.Stream | undefined, clients: api.Client[], received: number, sent: number): Moment[] {
  const [moments, setMoments] = useState<Moment[]>([]);
  useEffect(() => {
    if (!stream) return;
    const behind = clients.filter((one) => !one.publish).map((one) => one.behind_ms ?? 0);
    const now = {time: stream.live_ms, received: known(received), sent: known(sent), players: stream.players ?? {}, behind: Math.max(0, ...behind)};
    setMoments((had) => [...had, now].filter((one) => one.time > now.time - kept_seconds * 1000));
  }, [stream?.live_ms]);
  return moments;
}

// A line for each protocol by which somebody watched; the least used share the last one.
function viewerLines(moments: Moment[]): Line[] {
  const most = new Map<string, number>();
  for (const {players} of moments) {
    for (const [protocol, count] of Object.entries(players)) most.set(protocol, Math.max(most.get(protocol) ?? 0, count));
  }
  const names = [...most.keys()].sort((a, b) => (most.get(b) ?? 0) - (most.get(a) ?? 0));
  const groups = names.length > kinds.length ? [...names.slice(0, kinds.length - 1).map((name) => [name]), names.slice(kinds.length - 1)] : names.map((name) => [name]);
  if (groups.length === 0) return [{kind: 'one', label: '', values: moments.map(() => 0)}];
  return groups.map((group, at) => ({
    kind: kinds[at] ?? 'one', label: group.join(', '), values: moments.map(({players}) => group.reduce((sum, name) => sum + (players[name] ?? 0), 0)),
  }));
}

// What is wrong with a transport stream that comes, each kind that was found: "0 · 3 (continuity 3)".
function faultsOf({priority_1, priority_2}: NonNullable<api.Stream['transport_stream']>): string {
  const found = [priority_1, priority_2].flatMap((one) => Object.entries(one).filter(([kind, count]) => kind !== 'errors' && count > 0));
  const kinds_found = found.map(([kind, count]) => `${kind} ${number(count)}`).join(', ');
  return `${number(priority_1.errors ?? 0)} · ${number(priority_2.errors ?? 0)}${kinds_found ? ` (${kinds_found})` : ''}`;
}

function Facts({stream, rate}: {stream: api.Stream; rate: number}) {
  const players = Object.entries(stream.players ?? {}).map(([protocol, count]) => `${protocol} ${number(count)}`).join(' · ');
  const facts: [string, string][] = [
    [text('codec'), codec(stream) || '–'],
    [text('profile'), [stream.video && `${stream.video.profile} ${stream.video.level}`, stream.audio?.profile].filter(Boolean).join(' · ') || '–'],
    [text('rate'), `${rateText(rate)}${stream.video_kbps ? ` · ${text('picture')} ${kbps(stream.video_kbps)}` : ''}${stream.audio_kbps ? ` · ${text('sound')} ${kbps(stream.audio_kbps)}` : ''}`],
    [text('frames'), stream.fps ? stream.fps.toFixed(1) : '–'],
    [text('gop'), stream.gop_ms ? `${(stream.gop_ms / 1000).toFixed(1)} s` : '–'],
    [text('viewers'), `${number(viewersOf(stream))}${players ? ` (${players})` : ''}`],
    [text('skips'), `${number(stream.skips)} · ${amount('errors', stream.errors)}`],
    ...(stream.source && stream.source.inputs > 1 ? [[text('inputs'), `${number(stream.source.inputs)} · ${amount('switches', stream.source.switches)}`] as [string, string]] : []),
    ...(stream.transport_stream ? [[text('tsErrors'), faultsOf(stream.transport_stream)] as [string, string]] : []),
    ...(stream.ts_pass_through ? [[text('tsThrough'), `${number(stream.ts_packets_through ?? 0)} ${text('packets')}`] as [string, string]] : []),
    ...(stream.left_out ?? []).map((one) => [text('leftOut'), `${one.codec}: ${one.outputs.join(', ')}`] as [string, string]),
  ];
  return <dl class="facts">{facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}

function Preview({stream, site, name}: {stream: api.Stream; site: Site; name: api.Name}) {
  const [plays, setPlays] = useState(false);
  const link = site.embed(name);
  if (!stream.publish.active || !link) return <div class="preview quiet">{text('waiting')}</div>;
  if (plays) return <iframe class="preview" src={link} title={`${name.app}/${name.name}`} allow="autoplay; fullscreen; picture-in-picture" />;
  return (
    <button type="button" class="preview" onClick={() => setPlays(true)} aria-label={text('play')}>
      {stream.poster && <img src={site.poster(name)} alt="" />}
      <span aria-hidden="true">▶</span>
    </button>
  );
}

function Relays({title, rows}: {title: string; rows: api.Relay[]}) {
  if (rows.length === 0) return null;
  return (
    <section>
      <h2>{title} <span class="quiet">{rows.length}</span></h2>
      <table>
        <Heads names={['URL', text('state'), text('traffic')]} />
        <tbody>
          {rows.map((one) => (
            <tr key={`${one.name} ${one.source ?? one.target}`}>
              <Cell kind="long"><LogLink words={one.source ?? one.target ?? ''} /></Cell>
              <Cell name={text('state')}>{stateName(one.state)} <span class="quiet">{one.error}</span></Cell>
              <Cell name={text('traffic')} kind="figure">{bytes(one.recv_bytes ?? one.send_bytes ?? 0)}</Cell>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Records({recordings, site}: {recordings: api.Recordings; site: Site}) {
  const files = [
    ...recordings.dvrs.map((one) => ({...one, link: '', since_ms: 0, running: true})),
    ...[...recordings.files].reverse().map((one) => ({...one, link: site.file(one.url), running: false})),
  ];
  if (files.length === 0) return null;
  return (
    <section>
      <h2>{text('recordings')} <span class="quiet">{files.length}</span></h2>
      <table>
        <Heads names={[text('file'), text('length'), text('size'), text('actions')]} />
        <tbody>
          {files.map((one) => (
            <tr key={one.file}>
              <Cell kind="long">{one.file}{one.running && <span class="badge recording">{text('recording')}</span>}{one.error && <span class="badge failed">{one.error}</span>}</Cell>
              <Cell name={text('length')} kind="figure">{duration(one.duration)}</Cell>
              <Cell name={text('size')} kind="figure">{bytes(one.bytes)}</Cell>
              <Cell kind="actions">{one.link && <a class="small button" href={one.link} download rel="noreferrer">{text('download')}</a>}</Cell>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function StreamPage({url, site, wake}: {url: string; site: Site; wake: number}) {
  const name = api.parseUrl(url);
  const label = url.replace(/^\//, '');
  const [answer, unreachable, look] = usePolled(() => all(name), 2000, [url, wake]);
  const stream = answer?.stream;
  const shown = stream ? [stream] : undefined;
  const rate = useRates(shown).get(stream?.id ?? '') ?? NaN;
  const sent = useRates(shown, 'send').get(stream?.id ?? '') ?? NaN;
  const moments = useMoments(stream, answer?.clients ?? [], rate, sent);
  const of = (pick: (moment: Moment) => number) => moments.map(pick);
  const times = of((one) => one.time);
  const [act, fault, setFault] = useActs(look);
  return (
    <>
      <section>
        <div class="bar">
          <h2><a class="link" href="#/streams">{text('streams')}</a> / {label} {stream && <span class={`badge ${stream.publish.active ? 'publish' : ''}`}>{text(stream.publish.active ? 'isLive' : stream.source?.state === 'slate' ? 'stands' : 'waiting')}</span>}</h2>
          {stream && site.player(name) && <a class="small button" href={site.player(name)} target="_blank" rel="noreferrer">{text('play')}</a>}
          {stream && <StreamActions stream={stream} recorded={(answer?.recordings.dvrs.length ?? 0) > 0} act={act} />}
        </div>
        <Notice words={fault || unreachable} kind="bad" />
        {answer && !stream && <p class="quiet">{text('noSuchStream')}</p>}
        {stream && <div class="of-stream"><Preview stream={stream} site={site} name={name} /><Facts stream={stream} rate={rate} /></div>}
      </section>
      {stream && (
        <div class="charts">
          <Chart title={text('bandwidth')} show={kbps} least={100} times={times} lines={[
            {kind: 'one', label: text('sent'), values: of((one) => one.sent)}, {kind: 'two', label: text('received'), values: of((one) => one.received)}]} />
          <Chart title={text('viewers')} show={whole} least={5} times={times} lines={viewerLines(moments)} />
          <Chart title={text('lag')} show={(value) => `${Math.round(value)} ms`} least={100} times={times} lines={[{kind: 'one', label: '', values: of((one) => one.behind)}]} />
        </div>
      )}
      {answer && answer.clients.length > 0 && (
        <section>
          <h2>{text('clients')} <span class="quiet">{answer.total}</span></h2>
          <ClientTable clients={answer.clients} of_stream look={look} tell={setFault} />
        </section>
      )}
      {stream && site.urls(name).length > 0 && (
        <section>
          <h2>{text('addresses')}</h2>
          <dl class="urls">{site.urls(name).map(([kind, address]) => <div key={kind}><dt>{kind}</dt><dd><code>{address}</code> <Copy words={address} /></dd></div>)}</dl>
        </section>
      )}
      {answer && <Relays title={text('fetched')} rows={answer.sources} />}
      {answer && <Relays title={text('sentOn')} rows={answer.forwards} />}
      {answer && <Records recordings={answer.recordings} site={site} />}
      {answer && answer.lines.length > 0 && (
        <section>
          <div class="bar"><h2>{text('log')}</h2><a class="link" href={logHash(`${name.app}/${name.name}`)}>{text('allOfIt')}</a></div>
          <div class="lines short" tabIndex={0} role="log">
            {answer.lines.map((line) => (
              <div key={line.number} class={`line ${line.level}`}>
                <time>{clock(line.time_ms)}</time><b>{line.level}</b><i>{line.client ? <ClientLink id={line.client} /> : '–'}</i><span>{line.text}</span>
              </div>
            ))}
          </div>
        </section>
      )}
    </>
  );
}
