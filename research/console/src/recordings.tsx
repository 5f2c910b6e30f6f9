import {useState} from 'preact/hooks';
import * as api from './api';
import {bytes, date, duration} from './format';
import {StreamLink} from './links';
import {Button, Cell, explain, Heads, Notice, Sure, usePolled} from './parts';
import type {Site} from './site';
import {text, type Word} from './text';

const states: Record<string, Word> = {waiting: 'pending', recording: 'recording', failed: 'failing'};

export function Recordings({site, wake}: {site: Site; wake: number}) {
  const [fault, setFault] = useState('');
  const [answer, unreachable, look] = usePolled(() => api.recordings(), 2000, [wake]);
  const act = async (command: 'stop' | 'split', url: string) => {
    try {
      await api.record(command, api.parseUrl(url));
      setFault('');
    } catch (problem) {
      setFault(explain(problem));
    }
    look();
  };
  const files = [...answer?.files ?? []].sort((a, b) => b.since_ms - a.since_ms);
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
                    <Button label={text('split')} act={() => act('split', one.url)} />
                    <Sure label={text('recordStop')} what={one.url} act={() => act('stop', one.url)} />
                  </Cell>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
      <section>
        <h2>{text('complete')} <span class="quiet">{answer?.files.length || ''}</span></h2>
        {answer && files.length === 0 && <p class="quiet">{text('noFiles')}</p>}
        {files.length > 0 && (
          <table>
            <Heads names={[text('stream'), text('when'), text('length'), text('size'), text('file'), text('actions')]} />
            <tbody>
              {files.map((file) => {
                const link = site.file(file.url);
                return (
                  <tr key={file.file}>
                    <Cell kind="name"><strong>{`${file.app}/${file.stream}`}</strong>{file.error && <span class="badge failed">{file.error}</span>}</Cell>
                    <Cell name={text('when')} kind="figure">{date(file.since_ms)}</Cell>
                    <Cell name={text('length')} kind="figure">{duration(file.duration)}</Cell>
                    <Cell name={text('size')} kind="figure">{bytes(file.bytes)}</Cell>
                    <Cell name={text('file')} kind="long">{file.file}</Cell>
                    <Cell kind="actions">{link && <a class="small button" href={link} download rel="noreferrer">{text('download')}</a>}</Cell>
                  </tr>
                );
              })}
            </tbody>
          </table>
        )}
      </section>
    </>
  );
}
