import {useState} from 'preact/hooks';
import * as api from './api';
import {bytes, duration, kbps} from './format';
import {Pager} from './pager';
import {Cell, explain, Heads, Notice, Sure, usePolled} from './parts';
import {text} from './text';

const page = 50;
const protocols = ['rtmp', 'flv', 'ts', 'mp4', 'aac', 'mp3', 'hls', 'srt', 'rtc', 'rtsp'];

export function Clients({wake}: {wake: number}) {
  const [start, setStart] = useState(0);
  const [filter, setFilter] = useState('');
  const [type, setType] = useState('');
  const [fault, setFault] = useState('');
  const [answer, unreachable, look] = usePolled(() => api.clients(start, page, filter, type), 2000, [start, filter, type, wake]);
  const kick = async (id: string) => {
    try {
      await api.kick('clients', id);
      setFault('');
    } catch (problem) {
      setFault(explain(problem));
    }
    look();
  };
  return (
    <section>
      <div class="bar">
        <h2>{text('clients')} <span class="quiet">{answer?.total ?? ''}</span></h2>
        <input type="search" placeholder={text('filter')} value={filter} aria-label={text('filter')}
          onInput={(event) => { setFilter(event.currentTarget.value); setStart(0); }} />
        <select value={type} aria-label={text('kind')} onChange={(event) => { setType(event.currentTarget.value); setStart(0); }}>
          <option value="">{text('anyType')}</option>
          {protocols.map((name) => <option key={name} value={name}>{name}</option>)}
        </select>
      </div>
      <Notice words={fault || unreachable} />
      {answer && answer.clients.length === 0 && <p class="quiet">{text('noClients')}</p>}
      {answer && answer.clients.length > 0 && (
        <table>
          <Heads names={[text('stream'), text('kind'), text('address'), text('since'), text('traffic'), text('rtt'), text('lag'), text('actions')]} />
          <tbody>
            {answer.clients.map((client) => {
              const rate = client.publish ? client.kbps.recv_30s : client.kbps.send_30s;
              return (
                <tr key={client.id} data-id={client.id}>
                  <Cell kind="name"><strong>{client.url.replace(/^\//, '')}</strong> <code class="quiet">{client.id}</code></Cell>
                  <Cell name={text('kind')}>
                    {client.type}
                    {client.webrtc && client.webrtc.state !== 'connected' && <span class="quiet"> {client.webrtc.state}</span>}
                  </Cell>
                  <Cell name={text('address')}>{client.ip}</Cell>
                  <Cell name={text('since')} kind="figure">{duration(client.alive)}</Cell>
                  <Cell name={text('traffic')} kind="figure">
                    {bytes(client.publish ? client.recv_bytes : client.send_bytes)}{rate > 0 && ` · ${kbps(rate)}`}
                  </Cell>
                  <Cell name={text('rtt')} kind="figure">
                    {client.tcp && `${(client.tcp.rtt_us / 1000).toFixed(1)} ms`}
                    {client.tcp && client.tcp.retransmits > 0 && <span class="quiet"> · {client.tcp.retransmits} {text('retransmits')}</span>}
                    {client.transport && client.transport.rtt_ms > 0 && `${client.transport.rtt_ms.toFixed(1)} ms`}
                    {client.transport && client.transport.retransmitted > 0 && (
                      <span class="quiet"> · {client.transport.retransmitted} {text('retransmits')}</span>
                    )}
                  </Cell>
                  <Cell name={text('lag')} kind="figure">{client.behind_ms !== undefined && `${client.behind_ms} ms`}</Cell>
                  <Cell kind="actions"><Sure label={text('kick')} act={() => kick(client.id)} /></Cell>
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
