// The server's API on this page's own origin. Credentials are kept for the browser's tab and sent as a header only:
// the browser itself knows nothing of them, so no other page can use them.

export class Refused extends Error {
  constructor(readonly status: number) { super(`status ${status}`); }
}
// What went wrong, in words for who reads this page.
export class Told extends Error {}
export class Failed extends Error {
  constructor(readonly code: number, words?: string) { super(words ?? `code ${code}`); }
}

export interface Kbps { recv_30s: number; send_30s: number }
export interface Stream {
  id: string; name: string; app: string; url: string; live_ms: number; clients: number; frames: number;
  send_bytes: number; recv_bytes: number; kbps: Kbps; publish: {active: boolean; cid?: string};
  video: {codec: string; profile: string; level: string; width: number; height: number} | null;
  audio: {codec: string; sample_rate: number; channel: number; profile: string} | null;
  poster?: boolean; fps?: number; gop_ms?: number; key_age_ms?: number; video_kbps?: number; audio_kbps?: number; type?: string;
  players: Record<string, number>; skips: number; errors: number; source?: {state: string; active: string; inputs: number; switches: number};
  left_out?: {track: number; codec: string; outputs: string[]}[]; ts_pass_through?: boolean; ts_packets_through?: number;
  transport_stream?: {packets: number; programs: number; priority_1: Record<string, number>; priority_2: Record<string, number>};
}
export interface Client {
  id: string; name: string; ip: string; port: number; url: string; type: string; publish: boolean; alive: number; send_bytes: number;
  recv_bytes: number; kbps: Kbps; behind_ms?: number; tcp?: {rtt_us: number; retransmits: number};
  transport?: {rtt_ms: number; retransmitted: number}; webrtc?: {state: string};
}
export interface Recording {
  app: string; stream: string; url: string; state: string; file: string; duration: number; bytes: number; error: string;
}
export interface RecordedFile {
  app: string; stream: string; file: string; url: string; since_ms: number; duration: number; bytes: number; error: string;
}
export interface Recordings { dvrs: Recording[]; files: RecordedFile[] }
export interface FileOnDisk { app: string; stream: string; file: string; url: string; hls: string; guarded: boolean; until_ms: number; bytes: number }
export interface OnDisk {
  recordings: FileOnDisk[]; total: number; bytes: number; disks: {folder: string; free_bytes: number; bytes: number}[];
}
export interface Problem { file: string; line: number; reason: string }
export interface Changes {
  mistakes: Problem[]; warnings: Problem[]; changes: {path: string; from: string; to: string; effect: string}[];
}
// What stands for $NAME in URLs; without its value.
export interface Variable {
  name: string; from: string; added: boolean; at: string; known: boolean; command: string; error: string;
}
export interface SrtServer {
  name: string; enabled: boolean; open: boolean; listen: string[]; direction: 'both' | 'in' | 'out'; sockets: number; refused: number; wrong_secret: number;
}
export interface Relay {
  name: string; vhost: string; app: string; stream: string; source?: string; target?: string; audio?: string; state: string; error: string;
  next_try_seconds: number; priority?: number; standby?: string; active?: boolean; pinned?: boolean; added?: boolean;
  recv_bytes?: number; send_bytes?: number;
}
// `pipe`: it reads one stream on its standard input and makes another.
export interface Program {
  name: string; vhost: string; running: boolean; starts: number; error: string;
  pipe?: {makes: string; format: string; read_bytes: number; written_bytes: number; frames: number; skips: number; behind_seconds: number};
}
export interface Device {
  id: string; name: string; manufacturer: string; model: string; online: boolean; why: string; transport: string;
  address: string; port: number; channels: number;
}
export interface Channel { id: string; name: string; online: boolean; app: string; stream: string }
export interface DeviceCall { stream: string; state: string; why: string }
export interface Talk { channel: string; app: string; stream: string; state: string; state_seconds: number; why: string }
export interface ClusterNode {
  name: string; self: boolean; host: string; rtmp: number; http: number; region: string; draining: boolean; cpu: number; memory: number;
  sent_mbps: number; capacity_mbps: number; streams: number; clients: number;
}
export interface Cluster {
  engine: string; connected?: boolean; fault?: string; node?: string; nodes?: ClusterNode[]; streams_total?: number;
  streams?: {stream: string; epoch: number; sure: boolean}[];
}
export interface Drain { draining: boolean; clients: number }
export interface LogLine { number: number; time_ms: number; level: string; client: string; text: string }
export interface Setting { path: string; value: string }
export interface Version { data: {version: string; name: string}; server: string; pid: string }

const patience = 8000;
const place = 'weir-console';

function kept(): string | null {
  try {
    return sessionStorage.getItem(place);
  } catch {
    return null;  // storage may be forbidden
  }
}

let credentials = kept();

// btoa takes bytes, names may be any text.
export function signIn(user: string, password: string) {
  credentials = btoa(String.fromCharCode(...new TextEncoder().encode(`${user}:${password}`)));
  try {
    sessionStorage.setItem(place, credentials);
  } catch {
    // It lasts as long as the page.
  }
}

export function signOut() {
  credentials = null;
  try {
    sessionStorage.removeItem(place);
  } catch {
    // Nothing was kept.
  }
}

export const signedIn = () => credentials !== null;

export function headers(): Record<string, string> {
  return credentials ? {Authorization: `Basic ${credentials}`} : {};
}

export async function ask<Answer>(path: string, method = 'GET', root = '/api/v1/'): Promise<Answer> {
  const response = await fetch(root + path, {
    method, headers: headers(), credentials: 'omit', cache: 'no-store', signal: AbortSignal.timeout(patience),
  });
  if (!response.ok) throw new Refused(response.status);
  const answer = await response.json();
  if (answer.code !== 0) throw new Failed(answer.code, answer.message);
  return answer;
}

const query = (values: Record<string, string | number>) => new URLSearchParams(
  Object.entries(values).filter(([, value]) => value !== '').map(([name, value]) => [name, String(value)])).toString();

export const version = () => ask<Version>('versions');
// Those of whose names `contains` is a part.
export const streams = (count: number, contains: string) =>
  ask<{streams: Stream[]; total: number}>(`streams/?${query({count, contains})}`);
export const clients = (count: number, contains: string, type: string) =>
  ask<{clients: Client[]; total: number}>(`clients/?${query({count, contains, type})}`);
const named = ({vhost, app, name}: Name) => query({vhost, app, stream: name});
export const stream = async (name: Name) => (await ask<{streams: Stream[]}>(`streams/?${named(name)}`)).streams[0];
export const clientsOf = (name: Name) => ask<{clients: Client[]; total: number}>(`clients/?${named(name)}&count=500`);
export const recordings = (name?: Name) => ask<Recordings>(`dvrs/?${name ? named(name) : ''}`);
export const onDisk = (start: number, count: number, contains: string) => ask<OnDisk>(`recordings?${query({start, count, contains})}`);
// Where a password is asked for, the browser asks for it too: it does not know what this page does.
export const downloadOf = (file: string) => `/api/v1/recordings/download?${query({file})}`;
export const removeRecording = (file: string) => ask<unknown>(`recordings?${query({file})}`, 'DELETE');
export const checkText = async (words: string): Promise<Changes & {unread: number}> => {
  const response = await fetch('/api/v1/config/check', {method: 'POST', headers: headers(), body: words, credentials: 'omit', signal: AbortSignal.timeout(patience)});
  if (!response.ok) throw new Refused(response.status);
  return response.json();
};
// The configuration's own file. Undefined: the server does not let it be read here (edit_file).
export interface ConfigFile { file: string; text: string; digest: string; can_undo: boolean; writable: boolean; read_only: string }
export interface Written { status: number; message: string; digest: string; mistakes: Problem[]; warnings: Problem[]; changes: Changes['changes'] }
const file = (path: string, more: RequestInit = {}, condition: Record<string, string> = {}) => fetch(`/api/v1/config/file${path}`, {
  ...more, headers: {...headers(), ...condition}, credentials: 'omit', cache: 'no-store', signal: AbortSignal.timeout(patience),
});
export const configFile = async (): Promise<ConfigFile | undefined> => {
  const response = await file('');
  const answer = await response.json().catch(() => ({}));
  if (answer.code === 4095 || response.status === 501 || response.status === 404) return undefined;
  if (answer.code === 4096) throw new Told(answer.message);
  if (!response.ok) throw new Refused(response.status);
  return answer;
};
const written = async (response: Response): Promise<Written> => {
  const answer = await response.json().catch(() => ({}));
  if (!response.ok && answer.message === undefined) throw new Refused(response.status);
  return {status: response.status, message: '', digest: '', mistakes: [], warnings: [], changes: [], ...answer};
};
export const writeFile = async (words: string, digest: string) => written(await file('', {method: 'PUT', body: words}, {'If-Match': `"${digest}"`}));
export const undoFile = async () => written(await file('/undo', {method: 'POST'}));
export const changes = () => ask<Changes>('config/changes');
export const relays = async () => {
  const [sources, forwards] = await Promise.all([ask<{sources: Relay[]}>('sources/'), ask<{forwards: Relay[]}>('forwards/')]);
  return {...sources, ...forwards};
};
export const relayed = async () => {
  const [all, {srt_servers}, {variables}, {programs}] = await Promise.all([
    relays(), ask<{srt_servers: SrtServer[]}>('srt_servers/'), ask<{variables: Variable[]}>('variables/'), ask<{programs: Program[]}>('programs/')]);
  return {...all, srt: srt_servers.filter((one) => one.enabled), variables, programs};
};
export const commandRelay = (kind: 'sources' | 'forwards', command: 'pin' | 'unpin' | 'start' | 'stop', {app, stream, name}: Relay) =>
  ask<unknown>(`${kind}/${command}?${query({app, stream, name})}`, 'POST');
// What the API added: it alone can be removed.
export const removeRelay = (kind: 'sources' | 'forwards' | 'variables', {name}: {name: string}) => ask<unknown>(`${kind}/${name}`, 'DELETE');
export const cluster = async () => {
  const [{cluster: all}, state] = await Promise.all([ask<{cluster: Cluster}>('cluster'), ask<Drain>('drain')]);
  return {cluster: all, drain: state};
};
export const drain = (on: boolean) => ask<Drain>('drain', on ? 'POST' : 'DELETE');
const gb = '/gb/v1/devices/';
export const devices = (start: number, count: number) =>
  ask<{devices: Device[]; totals: {devices: number; online: number}}>(`?${query({start, count})}`, 'GET', gb);
export const channels = (device: string) => ask<{channels: Channel[]}>(`${encodeURIComponent(device)}/channels`, 'GET', gb);
export const calls = (device: string) => ask<{calls: DeviceCall[]}>(`${encodeURIComponent(device)}/calls`, 'GET', gb);
export const talks = (device: string) => ask<{talks: Talk[]}>(`${encodeURIComponent(device)}/talk`, 'GET', gb);
export const talk = (device: string, channel: string, {app, stream}: {app: string; stream: string}) =>
  ask<unknown>(`${encodeURIComponent(device)}/talk?${query({channel, app, stream})}`, 'POST', gb);
export const endTalk = (device: string, channel: string) => ask<unknown>(`${encodeURIComponent(device)}/talk?${query({channel})}`, 'DELETE', gb);
export const tellDevice = (device: string, what: string, how: string) =>
  ask<unknown>(`${encodeURIComponent(device)}/${what}?${how}`, 'POST', gb);
// The document has no code.
export async function description<Document>(): Promise<Document> {
  const response = await fetch('/api/v1/openapi.json', {headers: headers(), credentials: 'omit', signal: AbortSignal.timeout(patience)});
  if (!response.ok) throw new Refused(response.status);
  return response.json();
}
export const settings = () => ask<{settings: Setting[]}>('config');
export const logs = (after: number, level: string, count = 300) =>
  ask<{logs: LogLine[]; dropped: number}>(`logs?${query({after, count, level})}`);
export const kick = (what: 'streams' | 'clients', id: string) => ask<unknown>(`${what}/${encodeURIComponent(id)}`, 'DELETE');
export const record = (command: 'start' | 'stop' | 'split', stream: Name) =>
  ask<unknown>(`dvrs/${command}?${query({vhost: stream.vhost, app: stream.app, stream: stream.name})}`, 'POST');

const pause = (ms: number) => new Promise((done) => { setTimeout(done, ms); });

// How the reload went, once it has: the text is empty if well.
export async function reload(): Promise<string> {
  const state = async () => (await ask<{data: {err: number; msg: string; rid: string}}>('raw?rpc=reload-fetch')).data;
  const before = (await state()).rid;
  await ask<unknown>('raw?rpc=reload');
  for (let i = 0; i < 40; ++i) {
    await pause(250);
    const now = await state();
    if (now.rid !== before) return now.err === 0 ? '' : now.msg;
  }
  return '?';
}

export interface Name { vhost: string; app: string; name: string }

// "/app/stream" or "vhost/app/stream", as the API names it; app may hold slashes.
export function parseUrl(url: string): Name {
  const parts = url.split('/');
  const name = parts.pop() ?? '';
  const vhost = parts.shift() ?? '';
  return {vhost, app: parts.join('/'), name};
}
