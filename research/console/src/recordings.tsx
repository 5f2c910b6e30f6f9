import {useState} from 'preact/hooks';
import * as api from './api';
import {bytes, date, duration, number, percent} from './format';
import {StreamLink} from './links';
import {Pager} from './pager';
import {Button, Cell, Heads, Notice, Sure, useActs, usePolled} from './parts';
import type {Site} from './site';
import {text, type Word} from './text';

const page = 50;

// Files of this run of the server and of earlier ones.
function OnDisk({site, wake}: {site: Site; wake: number}) {
  const [start, setStart] = useState(0);
  const [filter, setFilter] = useState('');
  const [answer, unreachable, look] = usePolled(() => api.onDisk(start, page, filter), 5000, [start, filter, wake]);
  const [act, fault] = useActs(look);
  return (
    <section>
      <div class="bar">
        <h2>{text('complete')} <span class="quiet">{answer ? `${number(answer.total)} · ${bytes(answer.bytes)}` : ''}</span></h2>
        <input type="search" placeholder={text('filterFiles')} value={filter} aria-label={text('filterFiles')}
          onInput={(event) => { setFilter(event.currentTarget.value); setStart(0); }} />
      </div>
      <Notice words={fault || unreachable} kind="bad" />
      {answer?.disks.map((disk) => (
        <p key={disk.folder} class="quiet"><code>{disk.folder}</code> {text('free')} {bytes(disk.free_bytes)} ({percent(disk.free_bytes / Math.max(1, disk.bytes))})</p>
      ))}
      {answer && answer.total === 0 && <p class="quiet">{text(filter ? 'noMatch' : 'noFiles')}</p>}
      {answer && answer.recordings.length > 0 && (
        <table>
          <Heads names={[text('stream'), text('written'), text('size'), text('file'), text('actions')]} />
          <tbody>
            {answer.recordings.map((one) => {
              const link = (!one.guarded && site.file(one.url)) || api.downloadOf(one.file);
              const film = one.hls && !one.guarded ? site.film(one.url) : '';
              return (
                <tr key={one.file} data-file={one.file}>
                  <Cell kind="name">{one.app && <StreamLink url={`/${one.app}/${one.stream}`} />}</Cell>
                  <Cell name={text('written')} kind="figure">{date(one.until_ms)}</Cell>
                  <Cell name={text('size')} kind="figure">{bytes(one.bytes)}</Cell>
                  <Cell name={text('file')} kind="long">{one.file}</Cell>
                  <Cell kind="actions">
                    {film && <a class="small button" href={film} target="_blank" rel="noreferrer">{text('play')}</a>}
                    <a class="small button" href={link} download rel="noreferrer">{text('download')}</a>
                    <Sure label={text('remove')} what={one.file.split('/').at(-1) ?? ''} act={() => act(api.removeRecording(one.file))} />
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

const states: Record<string, Word> = {waiting: 'pending', recording: 'recording', failed: 'failing'};

export function Recordings({site, wake}: {site: Site; wake: number}) {
  const [answer, unreachable, look] = usePolled(() => api.recordings(), 2000, [wake]);
  const [act, fault] = useActs(look);
  const record = (command: 'stop' | 'split', url: string) => act(api.record(command, api.parseUrl(url)));
  return (
    <>
      <section>
        <h2>{text('running')} <span class="quiet">{answer?.dvrs.length || ''}</span></h2>
        <Notice words={fault || unreachable} kind="bad" />
        {answer?.dvrs.length === 0 && <p class="quiet">{text('noRecordings')}</p>}
        {answer && answer.dvrs.length > 0 && (
          <table>
            <Heads names={[text('stream'), text('file'), text('length'), text('size'), text('actions')]} />
            <tbody>
              {answer.dvrs.map((one) => (
                <tr key={one.url}>
                  <Cell kind="name"><StreamLink url={one.url} /> <span class={`badge ${one.state}`}>{one.error || text(states[one.state] ?? 'pending')}</span></Cell>
                  <Cell name={text('file')} kind="long">{one.file}</Cell>
                  <Cell name={text('length')} kind="figure">{duration(one.duration)}</Cell>
                  <Cell name={text('size')} kind="figure">{bytes(one.bytes)}</Cell>
                  <Cell kind="actions">
                    <Button label={text('split')} act={() => record('split', one.url)} />
                    <Sure label={text('recordStop')} what={one.url} act={() => record('stop', one.url)} />
                  </Cell>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
      <OnDisk site={site} wake={wake} />
    </>
  );
}
