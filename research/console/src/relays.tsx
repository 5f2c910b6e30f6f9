import * as api from './api';
import {bytes} from './format';
import {LogLink, StreamLink} from './links';
import {Button, Cell, Heads, Notice, Sure, useActs, usePolled} from './parts';
import {stateName, text} from './text';

// What of it went wrong, or when it is tried again.
const told = (row: api.Relay) => [row.error, row.next_try_seconds > 0 ? `${row.next_try_seconds.toFixed(0)} s` : ''].filter(Boolean).join(' · ');

export function Relays({wake}: {wake: number}) {
  const [answer, unreachable, look] = usePolled(api.relayed, 2000, [wake]);
  const [act, fault] = useActs(look);
  const row = (one: api.Relay, kind: 'sources' | 'forwards') => (
    <tr key={`${one.app}/${one.stream} ${one.name} ${one.source ?? one.target}`}>
      <Cell kind="name"><StreamLink url={`/${one.app}/${one.stream}`} />{one.active && <span class="badge publish">{text('shown')}</span>}{one.pinned && <span class="badge">{text('pinned')}</span>}</Cell>
      <Cell name="URL" kind="long"><LogLink words={one.source ?? one.target ?? ''} />{one.audio && <span class="quiet"> {text('ownSound')} {one.audio}</span>}</Cell>
      {kind === 'sources' && <Cell name={text('priority')} kind="figure">{one.priority} <span class="quiet">{stateName(one.standby ?? '')}</span></Cell>}
      <Cell name={text('state')} kind="long">{stateName(one.state)} <span class="quiet">{told(one)}</span></Cell>
      <Cell name={text('traffic')} kind="figure">{bytes(one.recv_bytes ?? one.send_bytes ?? 0)}</Cell>
      <Cell kind="actions">
        {kind === 'sources' && one.name && <Button label={text(one.pinned ? 'unpin' : 'pin')} act={() => act(api.commandRelay(kind, one.pinned ? 'unpin' : 'pin', one))} />}
        {one.name && <Button label={text(one.state === 'stopped' ? 'start' : 'halt')} act={() => act(api.commandRelay(kind, one.state === 'stopped' ? 'start' : 'stop', one))} />}
        {one.added && <Sure label={text('remove')} what={`${one.app}/${one.stream}`} act={() => act(api.removeRelay(kind, one))} />}
      </Cell>
    </tr>
  );
  return (
    <>
      <Notice words={fault || unreachable} kind="bad" />
      <p class="quiet">{text('howToAdd')}</p>
      <section>
        <h2>{text('fetched')} <span class="quiet">{answer?.sources.length || ''}</span></h2>
        {answer?.sources.length === 0 && <p class="quiet">{text('noSources')}</p>}
        {answer && answer.sources.length > 0 && (
          <table>
            <Heads names={[text('stream'), 'URL', text('priority'), text('state'), text('traffic'), text('actions')]} />
            <tbody>{answer.sources.map((one) => row(one, 'sources'))}</tbody>
          </table>
        )}
      </section>
      <section>
        <h2>{text('sentOn')} <span class="quiet">{answer?.forwards.length || ''}</span></h2>
        {answer?.forwards.length === 0 && <p class="quiet">{text('noTargets')}</p>}
        {answer && answer.forwards.length > 0 && (
          <table>
            <Heads names={[text('stream'), 'URL', text('state'), text('traffic'), text('actions')]} />
            <tbody>{answer.forwards.map((one) => row(one, 'forwards'))}</tbody>
          </table>
        )}
      </section>
      {answer && answer.programs.length > 0 && (
        <section>
          <h2>{text('programs')} <span class="quiet">{answer.programs.length}</span></h2>
          <table>
            <Heads names={[text('programs'), text('makes'), text('state'), text('starts'), text('skips'), text('traffic')]} />
            <tbody>
              {answer.programs.map((one) => (
                <tr key={`${one.vhost} ${one.name}`}>
                  <Cell kind="name">{one.name}</Cell>
                  <Cell name={text('makes')} kind="long">{one.pipe && <StreamLink url={`/${one.pipe.makes}`} />}</Cell>
                  <Cell name={text('state')} kind="long">{text(one.running ? 'runs' : 'waitsToStart')} <span class="quiet">{one.error}</span></Cell>
                  <Cell name={text('starts')} kind="figure">{one.starts}</Cell>
                  <Cell name={text('skips')} kind="figure">{one.pipe?.skips}</Cell>
                  <Cell name={text('traffic')} kind="figure">{one.pipe && `${bytes(one.pipe.read_bytes)} → ${bytes(one.pipe.written_bytes)}`}</Cell>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {answer && answer.variables.length > 0 && (
        <section>
          <h2>{text('variables')} <span class="quiet">{answer.variables.length}</span></h2>
          <table>
            <Heads names={['$', text('origin'), text('state'), text('actions')]} />
            <tbody>
              {answer.variables.map((one) => (
                <tr key={one.name}>
                  <Cell kind="name">${one.name}</Cell>
                  <Cell name={text('origin')} kind="long">{stateName(one.from)} <span class="quiet">{one.command || one.at}</span></Cell>
                  <Cell name={text('state')} kind="long">{text(one.known ? 'known' : 'unknown')} <span class="quiet">{one.error}</span></Cell>
                  <Cell kind="actions">{one.added && <Sure label={text('remove')} what={one.name} act={() => act(api.removeRelay('variables', one))} />}</Cell>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {answer && answer.srt.length > 0 && (
        <section>
          <h2>{text('srtPorts')}</h2>
          <table>
            <Heads names={['SRT', text('direction'), text('sockets'), text('refusedCallers'), text('wrongSecrets')]} />
            <tbody>
              {answer.srt.map((one) => (
                <tr key={`${one.name} ${one.listen}`}>
                  <Cell kind="name">{one.name} <span class="quiet">{one.listen.join(' ')}</span></Cell>
                  <Cell name={text('direction')}>{stateName(one.direction)}</Cell>
                  <Cell name={text('sockets')} kind="figure">{one.sockets}</Cell>
                  <Cell name={text('refusedCallers')} kind="figure">{one.refused}</Cell>
                  <Cell name={text('wrongSecrets')} kind="figure">{one.wrong_secret}</Cell>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </>
  );
}
