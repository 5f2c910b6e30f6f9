import * as api from './api';
import {StreamLink} from './links';
import {Button, Cell, Heads, Notice, useActs, usePolled} from './parts';
import {amount, text} from './text';

const percent = (part: number) => `${(part * 100).toFixed(0)} %`;

// The servers that find one another, and whether this one takes newcomers.
export function Nodes({wake}: {wake: number}) {
  const [answer, unreachable, look] = usePolled(api.cluster, 2000, [wake]);
  const [act, fault] = useActs(look);
  const drain = answer?.drain;
  const cluster = answer?.cluster;
  return (
    <>
      <Notice words={fault || unreachable} />
      <section>
        <div class="bar">
          <h2>{text('thisServer')} <span class="quiet">{cluster?.node ?? ''}</span></h2>
          {drain && <Button label={text(drain.draining ? 'welcome' : 'drain')} act={() => act(api.drain(!drain.draining))} />}
        </div>
        {drain && <p class="quiet">{`${text(drain.draining ? 'draining' : 'open')} · ${amount('clients', drain.clients)}`}</p>}
      </section>
      <section>
        <h2>{text('nodes')} <span class="quiet">{cluster?.nodes?.length || ''}</span></h2>
        {cluster?.engine === 'off' && <p class="quiet">{text('noRegistry')}</p>}
        {cluster && cluster.engine !== 'off' && !cluster.connected && <Notice words={`${text('registryGone')} ${cluster.fault ?? ''}`} />}
        {cluster?.nodes && cluster.nodes.length > 0 && (
          <table>
            <Heads names={[text('node'), text('address'), text('cpu'), text('memory'), text('sent'), text('streams'), text('clients')]} />
            <tbody>{cluster.nodes.map((one) => (
              <tr key={one.name}>
                <Cell kind="name"><strong>{one.name}</strong>{one.self && <span class="badge">{text('self')}</span>}{one.draining && <span class="badge">{text('draining')}</span>}</Cell>
                <Cell name={text('address')} kind="long">{one.host} <span class="quiet">{[one.rtmp && `RTMP ${one.rtmp}`, one.http && `HTTP ${one.http}`, one.region].filter(Boolean).join(' · ')}</span></Cell>
                <Cell name={text('cpu')} kind="figure">{percent(one.cpu)}</Cell>
                <Cell name={text('memory')} kind="figure">{percent(one.memory)}</Cell>
                <Cell name={text('sent')} kind="figure">{`${one.sent_mbps.toFixed(0)} / ${one.capacity_mbps} Mb/s`}</Cell>
                <Cell name={text('streams')} kind="figure">{one.streams}</Cell>
                <Cell name={text('clients')} kind="figure">{one.clients}</Cell>
              </tr>
            ))}</tbody>
          </table>
        )}
      </section>
      {cluster?.streams && cluster.streams.length > 0 && (
        <section>
          <h2>{text('claimed')} <span class="quiet">{cluster.streams_total}</span></h2>
          <table>
            <Heads names={[text('stream'), text('epoch')]} />
            <tbody>{cluster.streams.map((one) => (
              <tr key={one.stream}>
                <Cell kind="name"><StreamLink url={decodeURIComponent(one.stream).replace(/^__defaultVhost__(?=\/)/, '')} />{!one.sure && <span class="badge">?</span>}</Cell>
                <Cell name={text('epoch')} kind="figure">{one.epoch}</Cell>
              </tr>
            ))}</tbody>
          </table>
        </section>
      )}
    </>
  );
}
