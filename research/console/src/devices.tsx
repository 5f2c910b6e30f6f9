import {useEffect, useRef, useState} from 'preact/hooks';
import * as api from './api';
import {Microphone} from './microphone';
import {Button, Cell, Heads, Notice, useActs, usePolled} from './parts';
import {Pager} from './pager';
import type {Site} from './site';
import {stateName, text, type Word} from './text';

const page = 50;

// Some devices have no name but their number.
function Named({name, id, more = ''}: {name: string; id: string; more?: string}) {
  return <><strong>{name || id}</strong> <span class="quiet">{name && name !== id ? id : ''} {more}</span></>;
}

// Where a camera is turned to until it is told to stop.
const moves: [string, Word, string][] = [['←', 'left', 'pan=left'], ['↑', 'up', 'tilt=up'], ['■', 'halt', ''], ['↓', 'down', 'tilt=down'], ['→', 'right', 'pan=right'], ['+', 'nearer', 'zoom=in'], ['−', 'farther', 'zoom=out']];

// The microphone to the loudspeaker of a channel, until the button is pressed again or the page is left. The state is what
// the server says of it.
function Talk({device, channel, said, tell}: {
  device: string; channel: string; said: api.Talk | undefined; tell: (work: Promise<unknown>) => Promise<void>;
}) {
  const microphone = useRef<Microphone | null>(null);
  const begun = useRef(0);
  const [on, setOn] = useState(false);
  const close = () => {
    microphone.current?.close();
    microphone.current = null;
    setOn(false);
  };
  const end = async () => {
    close();
    await api.endTalk(device, channel).catch((fault) => { if (!(fault instanceof api.Failed && fault.code === 404)) throw fault; });
  };
  const begin = async () => {
    const stream = {app: 'talk', stream: `${device}_${channel}`};
    microphone.current = await Microphone.open(stream.app, stream.stream, close);
    begun.current = Date.now();
    setOn(true);
    try {
      await api.talk(device, channel, stream);
    } catch (fault) {
      close();
      throw fault;
    }
  };
  useEffect(() => () => { if (microphone.current) void end().catch(() => {}); }, []);
  const over = said?.state === 'over';
  // It is over on the other side; one that was over before says nothing of this one.
  useEffect(() => { if (on && said && over && said.state_seconds * 1000 < Date.now() - begun.current) close(); }, [said]);
  return (
    <>
      <Button label={on ? text('endTalk') : text('talk')} kind={on ? 'danger' : ''} act={() => tell(on ? end() : begin())} />
      {said && (!over || said.why) && <span class={`badge ${said.state === 'talking' ? 'publish' : ''} ${over ? 'quiet' : ''}`}>{over ? said.why : text(said.state === 'talking' ? 'talking' : 'talkComes')}</span>}
    </>
  );
}

function Channels({device, site}: {device: string; site: Site}) {
  const [answer, unreachable, look] = usePolled(
    async () => ({...await api.channels(device), ...await api.calls(device), ...await api.talks(device)}), 3000, [device]);
  const [tell, fault] = useActs(look);
  const talk = (channel: string) => answer?.talks.find((one) => one.channel === channel);
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
                  <Cell kind="name"><Named name={one.name} id={one.id} /></Cell>
                  <Cell name={text('state')}>
                    <span class={`badge ${said?.state === 'playing' ? 'publish' : ''}`}>{said ? stateName(said.state) : (one.online ? text('online') : text('offline'))}</span>
                    {said?.why && <span class="badge failed">{said.why}</span>}
                  </Cell>
                  <Cell name={text('move')}>
                    {moves.map(([label, title, how]) => <Button key={label} label={label} title={text(title)} act={() => tell(api.tellDevice(device, 'ptz', `channel=${one.id}&${how}`))} />)}
                  </Cell>
                  <Cell kind="actions">
                    {link && <a class="small button" href={link} target="_blank" rel="noreferrer">{text('play')}</a>}
                    <Talk device={device} channel={one.id} said={talk(one.id)} tell={tell} />
                  </Cell>
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
                  <Cell kind="name"><Named name={one.name} id={one.id} more={`${one.manufacturer} ${one.model}`} /></Cell>
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
