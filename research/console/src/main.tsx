// The console: who it is, which tab is shown, and what the server tells by itself. Everything that comes from outside,
// names of streams above all, reaches the page as text.

import {render} from 'preact';
import {useEffect, useRef, useState} from 'preact/hooks';
import * as api from './api';
import {kept_seconds} from './chart';
import {Clients} from './clients';
import {Devices} from './devices';
import {type Happening, listen, type Stats} from './events';
import {Log} from './log';
import {Login} from './login';
import {Overview} from './overview';
import {Nodes} from './nodes';
import {explain, Notice} from './parts';
import {Recordings} from './recordings';
import {Reference} from './reference';
import {Relays} from './relays';
import {Settings} from './settings';
import {type Site, siteOf} from './site';
import {Streams} from './streams';
import {StreamPage} from './stream';
import {applyTheme, switchTheme, themeNow} from './theme';
import {applyLanguage, switchLanguage, text, type Word} from './text';

const tabs = ['overview', 'streams', 'clients', 'relays', 'cluster', 'devices', 'recordings', 'settings', 'log', 'reference'] as const;
type Tab = typeof tabs[number];
const most_happened = 100;

// "#/streams"; "#/stream/URL" is one of them, "#/log/WORDS" the log with these in its filter.
interface Place { tab: Tab; of: string }
function placeOf(): Place {
  const [, name, of = ''] = /^#\/?(\w+)(?:\/(.*))?$/.exec(location.hash) ?? [];
  const tab = tabs.find((one) => one === (name === 'stream' ? 'streams' : name)) ?? 'overview';
  try {
    return {tab, of: decodeURIComponent(of)};
  } catch {
    return {tab, of: ''};  // not a link that this page made
  }
}
const nowhere: Site = {player: () => '', file: () => '', film: () => '', poster: () => '', embed: () => '', urls: () => []};

function usePlace(): Place {
  const [place, setPlace] = useState(placeOf());
  useEffect(() => {
    const change = () => {
      setPlace(placeOf());
      scrollTo(0, 0);
    };
    addEventListener('hashchange', change);
    return () => removeEventListener('hashchange', change);
  }, []);
  return place;
}

// The tab that is chosen is in sight, however narrow the bar.
function Tabs({chosen}: {chosen: Tab}) {
  const bar = useRef<HTMLElement>(null);
  useEffect(() => {
    bar.current?.querySelector('[aria-current]')?.scrollIntoView({block: 'nearest', inline: 'center'});
  }, [chosen]);
  return <nav class="tabs" ref={bar}>{tabs.map((name) => <a key={name} href={`#/${name}`} aria-current={name === chosen ? 'page' : undefined}>{text(name)}</a>)}</nav>;
}

function Board({version, leave}: {version: api.Version; leave: () => void}) {
  const {tab, of} = usePlace();
  const [history, setHistory] = useState<Stats[]>([]);
  const [happened, setHappened] = useState<Happening[]>([]);
  const [connected, setConnected] = useState(false);
  const [notice, setNotice] = useState<Word | ''>('');
  const [wake, setWake] = useState(0);  // goes up when lists have changed
  const [site, setSite] = useState(nowhere);
  useEffect(() => listen({
    stats: (stats) => setHistory((had) => [...had, stats].filter((one) => one.time_ms > stats.time_ms - kept_seconds * 1000)),
    history: setHistory,
    happening: (what) => {
      setHappened((had) => [what, ...had].slice(0, most_happened));
      setWake((count) => count + 1);
    },
    connected: setConnected,
    refused: (status) => (status === 501 ? setNotice('noEvents') : leave()),
  }), []);
  useEffect(() => {
    api.settings().then(({settings}) => setSite(siteOf(settings)), () => {});
  }, [wake]);
  return (
    <>
      <Tabs chosen={tab} />
      <main class="console">
        <Notice words={notice && text(notice)} />
        {tab === 'overview' && <Overview history={history} happened={happened} />}
        {tab === 'streams' && (of ? <StreamPage key={of} url={of} site={site} wake={wake} /> : <Streams site={site} wake={wake} />)}
        {tab === 'clients' && <Clients wake={wake} />}
        {tab === 'relays' && <Relays wake={wake} />}
        {tab === 'cluster' && <Nodes wake={wake} />}
        {tab === 'devices' && <Devices site={site} wake={wake} />}
        {tab === 'recordings' && <Recordings site={site} wake={wake} />}
        {tab === 'settings' && <Settings wake={wake} />}
        {tab === 'log' && <Log key={of} words={of} />}
        {tab === 'reference' && <Reference />}
      </main>
      <footer class="quiet">
        <span class={`dot ${connected ? 'on' : ''}`} />{connected ? text('live') : text('lost')} · {version.data.name} {version.data.version} · {version.server} · pid {version.pid}
      </footer>
    </>
  );
}

function Page() {
  const [version, setVersion] = useState<api.Version>();
  const [login, setLogin] = useState(false);
  const [fault, setFault] = useState('');
  const [, setLanguage] = useState(0);
  const enter = async () => {
    try {
      setVersion(await api.version());
      setLogin(false);
      setFault('');
    } catch (problem) {
      const status = problem instanceof api.Refused ? problem.status : 0;
      setLogin(status === 401);
      setFault(status === 401 ? '' : status === 403 ? text('forbidden') : explain(problem));
      if (status !== 401 && status !== 403) setTimeout(enter, 3000);
    }
  };
  const leave = () => {
    api.signOut();
    setVersion(undefined);
    setLogin(true);
  };
  useEffect(() => { void enter(); }, []);
  return (
    <>
      <header>
        <img src="icon.svg" alt="" width="28" height="28" />
        <h1>Weir</h1>
        <span id="server" class="quiet">{location.host}</span>
        <span class="right">
          {version && api.signedIn() && <button type="button" class="plain" onClick={leave}>{text('signOut')}</button>}
          <button id="theme" type="button" class="plain" onClick={() => { switchTheme(); setLanguage((count) => count + 1); }}>{text(`theme_${themeNow()}`)}</button>
          <button id="language" type="button" class="plain" onClick={() => { switchLanguage(); setLanguage((count) => count + 1); }}>{text('other')}</button>
        </span>
      </header>
      {login ? <Login enter={enter} /> : version ? <Board version={version} leave={leave} /> : <main class="console"><Notice words={fault} /></main>}
    </>
  );
}

applyLanguage();
applyTheme();
render(<Page />, document.body);
