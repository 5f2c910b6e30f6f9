import {useState} from 'preact/hooks';
import * as api from './api';
import {Button, Cell, Heads, Notice, useActs, usePolled} from './parts';
import {Pager} from './pager';
import type {Site} from './site';
import {text} from './text';

const page = 50;

// Where a camera is turned to until it is told to stop.
const moves: [string, string][] = [['←', 'pan=left'], ['↑', 'tilt=up'], ['■', ''], ['↓', 'tilt=down'], ['→', 'pan=right'], ['+', 'zoom=in'], ['−', 'zoom=out']];

function Channels({device, site}: {device: string; site: Site}) {
  const [answer, unreachable, look] = usePolled(
    async () => ({...await api.channels(device), ...await api.calls(device)}), 3000, [device]);
  const [tell, fault] = useActs(look);
  const call = (stream: string) => answer?.calls.find((one) => one.stream === stream);
  return (
    <section>
      <h2>{text('channels')} <span class="quiet">{device}</span></h2>
      <Notice words={fault || unreachable} kind="bad" />
      {answer?.channels.length === 0 && <p class="quiet">{text('noChannels')}</p>}
      {answer && answer.channels.length > 0 && (
        <table>
          <Heads names={[text('channel'), text('state'), text('move'), text('actions')]} />
          <tbody>
            {answer.channels.map((one) => {
              const said = call(one.stream);
              const link = site.player({vhost: '__defaultVhost__', app: one.app, name: one.stream});
              return (
                <tr key={one.id}>
                  <Cell kind="name"><strong>{one.name || one.id}</strong> <span class="quiet">{one.id}</span></Cell>
                  <Cell name={text('state')}>
                    <span class={`badge ${said?.state === 'playing' ? 'publish' : ''}`}>{said?.state ?? (one.online ? text('online') : text('offline'))}</span>
                    {said?.why && <span class="badge failed">{said.why}</span>}
                  </Cell>
                  <Cell name={text('move')}>
                    {moves.map(([label, how]) => <Button key={label} label={label} act={() => tell(api.tellDevice(device, 'ptz', `channel=${one.id}&${how}`))} />)}
                  </Cell>
                  <Cell kind="actions">{link && <a class="small button" href={link} target="_blank" rel="noreferrer">{text('play')}</a>}</Cell>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </section>
  );
}

export function Devices({site, wake}: {site: Site; wake: number}) {
  const [start, setStart] = useState(0);
  const [chosen, choose] = useState('');
  const [answer, fault] = usePolled(async () => {
    try {
      return await api.devices(start, page);
    } catch (problem) {
      if (problem instanceof api.Refused && problem.status === 501) return undefined;
      throw problem;
    }
  }, 3000, [start, wake]);
  return (
    <>
      <section>
        <h2>{text('devices')} <span class="quiet">{answer ? `${answer.totals.online} / ${answer.totals.devices}` : ''}</span></h2>
        <Notice words={fault} />
        {!answer && !fault && <p class="quiet">{text('noGb')}</p>}
        {answer && answer.devices.length === 0 && <p class="quiet">{text('noDevices')}</p>}
        {answer && answer.devices.length > 0 && (
          <table>
            <Heads names={[text('device'), text('state'), text('address'), text('channels'), text('actions')]} />
            <tbody>
              {answer.devices.map((one) => (
                <tr key={one.id}>
                  <Cell kind="name"><strong>{one.name || one.id}</strong> <span class="quiet">{one.id} {one.manufacturer} {one.model}</span></Cell>
                  <Cell name={text('state')}>
                    <span class={`badge ${one.online ? 'publish' : ''}`}>{one.online ? text('online') : text('offline')}</span>
                    {one.why && <span class="badge failed">{one.why}</span>}
                  </Cell>
                  <Cell name={text('address')}>{`${one.transport.toUpperCase()} ${one.address}:${one.port}`}</Cell>
                  <Cell name={text('channels')} kind="figure">{one.channels}</Cell>
                  <Cell kind="actions"><Button label={text('channels')} act={async () => choose(one.id)} /></Cell>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {answer && <Pager start={start} size={page} total={answer.totals.devices} go={setStart} />}
      </section>
      {chosen && <Channels device={chosen} site={site} />}
    </>
  );
}
