import {useState} from 'preact/hooks';
import * as api from './api';
import {bytes, duration, kbps} from './format';
import {ClientLink, StreamLink} from './links';
import {Pager} from './pager';
import {Cell, explain, Notice, Sure, usePolled} from './parts';
import {SortChoice, SortedHeads, useOrder} from './sorting';
import {sentence, text} from './text';

const page = 50;
const most = 1000;  // that are asked for and put in order here
const protocols = ['rtmp', 'rtc', 'srt', 'flv', 'ts', 'mp4', 'aac', 'mp3', 'hls', 'dash', 'gb28181'];

const traffic = (client: api.Client) => (client.publish ? client.recv_bytes : client.send_bytes);
const roundTrip = (client: api.Client) => (client.tcp ? client.tcp.rtt_us / 1000 : client.transport?.rtt_ms ?? 0);

const columnsOf = (of_stream: boolean) => [
  ...(of_stream ? [] : [{name: text('stream'), by: (one: api.Client) => one.url}]),
  {name: text('client'), by: (one: api.Client) => one.id},
  {name: text('kind'), by: (one: api.Client) => one.type},
  {name: text('address'), by: (one: api.Client) => one.ip},
  {name: text('since'), by: (one: api.Client) => one.alive},
  {name: text('traffic'), by: traffic},
  {name: text('rtt'), by: roundTrip},
  {name: text('lag'), by: (one: api.Client) => one.behind_ms ?? -1},
  {name: text('actions')},
];

function Row({client, of_stream, kick}: {client: api.Client; of_stream: boolean; kick: (id: string) => Promise<void>}) {
  const rate = client.publish ? client.kbps.recv_30s : client.kbps.send_30s;
  const resent = client.tcp?.retransmits ?? client.transport?.retransmitted ?? 0;
  return (
    <tr data-id={client.id}>
      {!of_stream && <Cell kind="name"><StreamLink url={client.url} /></Cell>}
      <Cell name={text('client')}><ClientLink id={client.id} /></Cell>
      <Cell name={text('kind')}>
        {client.type}
        {client.webrtc && client.webrtc.state !== 'connected' && <span class="quiet"> {client.webrtc.state}</span>}
      </Cell>
      <Cell name={text('address')}>{client.ip}</Cell>
      <Cell name={text('since')} kind="figure">{duration(client.alive)}</Cell>
      <Cell name={text('traffic')} kind="figure">{bytes(traffic(client))}{rate > 0 && ` · ${kbps(rate)}`}</Cell>
      <Cell name={text('rtt')} kind="figure">
        {roundTrip(client) > 0 && `${roundTrip(client).toFixed(1)} ms`}
        {resent > 0 && <span class="quiet"> · {resent} {text('retransmits')}</span>}
      </Cell>
      <Cell name={text('lag')} kind="figure">{client.behind_ms !== undefined && `${client.behind_ms} ms`}</Cell>
      <Cell kind="actions"><Sure label={text('kick')} what={`${client.type} ${client.id}`} act={() => kick(client.id)} /></Cell>
    </tr>
  );
}

// A list of clients, put in order; of one stream, without its name.
export function ClientTable({clients, of_stream, look, tell}: {
  clients: api.Client[]; of_stream: boolean; look: () => void; tell: (fault: string) => void;
}) {
  const [start, setStart] = useState(0);
  const columns = columnsOf(of_stream);
  const [sorted, order, press] = useOrder<api.Client>(columns, {column: of_stream ? 3 : 0, falling: of_stream});
  const kick = async (id: string) => {
    try {
      await api.kick('clients', id);
      tell('');
    } catch (problem) {
      tell(explain(problem));
    }
    look();
  };
  return (
    <>
      <SortChoice columns={columns} order={order} press={press} />
      <table>
        <SortedHeads columns={columns} order={order} press={press} />
        <tbody>{sorted(clients).slice(start, start + page).map((client) => <Row key={client.id} client={client} of_stream={of_stream} kick={kick} />)}</tbody>
      </table>
      <Pager start={Math.min(start, Math.max(0, clients.length - 1))} size={page} total={clients.length} go={setStart} />
    </>
  );
}

export function Clients({wake}: {wake: number}) {
  const [filter, setFilter] = useState('');
  const [type, setType] = useState('');
  const [fault, setFault] = useState('');
  const [answer, unreachable, look] = usePolled(() => api.clients(most, filter, type), 2000, [filter, type, wake]);
  const shown = answer?.clients ?? [];
  const left_out = (answer?.total ?? 0) - (answer?.clients.length ?? 0);
  return (
    <section>
      <div class="bar">
        <h2>{text('clients')} <span class="quiet">{answer?.total ?? ''}</span></h2>
        <input type="search" placeholder={text('filterClients')} value={filter} aria-label={text('filterClients')}
          onInput={(event) => setFilter(event.currentTarget.value)} />
        <select value={type} aria-label={text('kind')} onChange={(event) => setType(event.currentTarget.value)}>
          <option value="">{text('anyType')}</option>
          {protocols.map((name) => <option key={name} value={name}>{name}</option>)}
        </select>
      </div>
      <Notice words={fault || unreachable} kind="bad" />
      {answer && left_out > 0 && <p class="quiet">{sentence('onlySome', answer.clients.length, answer.total)}</p>}
      {answer && shown.length === 0 && <p class="quiet">{text(filter || type ? 'noMatch' : 'noClients')}</p>}
      {shown.length > 0 && <ClientTable clients={shown} of_stream={false} look={look} tell={setFault} />}
    </section>
  );
}
