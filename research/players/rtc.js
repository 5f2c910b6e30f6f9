// WebRTC signalling by WHIP and WHEP (RFC 9725): an offer by POST, the answer in its body, DELETE at the end; and what of
// a connection went wrong, in words of text.js.

import {rtcIsMapped, rtcPort, token} from './urls.js';

const patience = 8000;  // for the answer

// A fault that has words: [key, ...values].
export class RtcFault extends Error {
  constructor(...words) {
    super(words.join(' '));
    this.words = words;
  }
  get status() { return this.words[0] === 'rtcStatus' ? this.words[1] : 0; }
}

export const rtcMissing = () => (typeof RTCPeerConnection === 'undefined' ? ['rtcNone'] : null);

// The server's words: a line of text, or the message of a JSON body.
async function wordsOf(response) {
  const body = (await response.text().catch(() => '')).slice(0, 2000).trim();
  if (body === response.statusText) return '';
  try {
    const {message, code} = JSON.parse(body);
    return String(message ?? (code === undefined ? '' : `code ${code}`));
  } catch {
    return body.startsWith('<') ? '' : body.split('\n')[0].slice(0, 200);
  }
}

const headers = (more = {}) => ({...more, ...(token ? {Authorization: `Bearer ${token}`} : {})});

async function post(address, sdp, signal) {
  let response;
  try {
    response = await fetch(address, {method: 'POST', body: sdp, credentials: 'omit', cache: 'no-store',
      headers: headers({'Content-Type': 'application/sdp'}), signal: AbortSignal.any ? AbortSignal.any([signal, AbortSignal.timeout(patience)]) : signal});
  } catch (fault) {
    if (signal.aborted) throw fault;
    throw new RtcFault('rtcSilent', new URL(address).host);
  }
  if (response.status !== 201 && response.status !== 200) throw new RtcFault('rtcStatus', response.status, await wordsOf(response));
  const answer = await response.text();
  if (!answer.startsWith('v=0')) throw new RtcFault('rtcStatus', response.status, answer.slice(0, 200));
  const place = response.headers.get('Location');
  // A proxy that puts the server into a folder leaves the path of the session as the server knows it.
  const at = response.url.indexOf('/rtc/v1/');
  const moved = place?.startsWith('/rtc/v1/') && at > 0 ? response.url.slice(0, at) + place : null;
  return {answer, session: place && (moved ?? new URL(place, response.url).href), servers: iceServersOf(response.headers.get('Link'))};
}

// The STUN and TURN servers that an answer names: Link fields with rel="ice-server" (RFC 9725 4.6, RFC 8288).
export function iceServersOf(links) {
  const servers = [];
  for (const [, urls, parameters] of (links ?? '').matchAll(/<([^>]*)>((?:\s*;\s*[\w-]+\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s;,"]+))*)/g)) {
    const of = {};
    for (const [, name, quoted, bare] of parameters.matchAll(/([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]+))/g)) {
      of[name.toLowerCase()] = quoted === undefined ? bare : quoted.replace(/\\(.)/g, '$1');
    }
    if (of.rel !== 'ice-server' || !/^(stun|turn)s?:/.test(urls)) continue;
    servers.push(of.username === undefined ? {urls} : {urls, username: of.username, credential: of.credential ?? ''});
  }
  return servers;
}

// The offer goes to the first address where somebody answers it: the page's port may have no WebRTC while the API's has.
async function postToAny(addresses, sdp, signal) {
  let first = null;
  for (const address of addresses) {
    try {
      return await post(address, sdp, signal);
    } catch (fault) {
      if (!(fault instanceof RtcFault)) throw fault;
      if (![0, 404, 405, 501].includes(fault.status)) throw fault;
      if (!first || fault.status > first.status) first = fault;  // 501 tells more than 404, and that more than silence
    }
  }
  throw first;
}

// Two channels, where browsers would mix down to one unless they are told that they may not.
const stereo = (sdp) => sdp.replace(/(a=fmtp:\d+ .*useinbandfec=1)(?!.*stereo=1)/g, '$1;stereo=1');

export const candidatesOf = (sdp) => [...sdp.matchAll(/^a=candidate:\S+ 1 (\S+) \d+ (\S+) (\d+) typ (\S+)(.*)$/gm)]
  .map(([, protocol, address, port, type, rest]) => ({protocol: protocol.toLowerCase(), address, port: Number(port), type, passive: rest.includes('passive')}));

// {kind, refused} of each section.
export const sectionsOf = (sdp) => [...sdp.matchAll(/^m=(\S+) (\d+)[^]*?(?=^m=|$(?![^]))/gm)]
  .map(([section, kind, port]) => ({kind, refused: port === '0' || /^a=inactive/m.test(section)}));

// Sends the offer of `pc` and takes the answer in. onStep(name, detail) is told 'offer' and 'answer'. Gives what leave()
// and explain() want.
export async function negotiate(pc, addresses, {signal, onStep = () => {}} = {}) {
  const sdp = stereo((await pc.createOffer()).sdp);
  onStep('offer');
  // The server needs none of our candidates, since it is the one that is called. They are gathered once it has named the
  // servers to gather them with.
  const {answer: given, session, servers} = await postToAny(addresses, sdp, signal ?? new AbortController().signal);
  if (servers.length) {
    try {
      pc.setConfiguration({...pc.getConfiguration(), iceServers: servers});
    } catch (fault) {
      console.warn('ICE servers of the answer are not usable:', fault.message);
    }
  }
  const answer = rtcIsMapped ? given.replace(/^(a=candidate:\S+ 1 udp \d+ \S+ )\d+/gim, `$1${rtcPort}`) : given;
  const candidates = candidatesOf(answer);
  onStep('answer', candidates);
  try {
    await pc.setLocalDescription({type: 'offer', sdp});
    await pc.setRemoteDescription({type: 'answer', sdp: answer});
  } catch (fault) {
    leave(session);
    throw new RtcFault('rtcAnswer', fault.message);
  }
  return {session, candidates, sections: sectionsOf(answer)};
}

// Also while the page is being closed.
export function leave(session) {
  if (session) fetch(session, {method: 'DELETE', keepalive: true, headers: headers(), credentials: 'omit'}).catch(() => {});
}

const places = (candidates) => [...new Set(candidates.map(({protocol, address, port}) =>
  `${protocol.toUpperCase()} ${address.includes(':') ? `[${address}]` : address}:${port}`))].join(', ');

// Why nothing is heard of the other side yet; null when the connection stands.
export function explainTransport(pc, candidates = []) {
  if (['new', 'checking', 'failed', 'disconnected', 'closed'].includes(pc.iceConnectionState)) {
    if (!candidates.length) return ['rtcNoCandidate'];
    if (pc.localDescription && !/^a=candidate:/m.test(pc.localDescription.sdp)) return ['rtcNoLocal'];
    const port = candidates.find(({protocol}) => protocol === 'udp')?.port ?? rtcPort;
    return ['rtcUdp', port, places(candidates)];
  }
  const dtls = pc.getSenders()[0]?.transport?.state ?? pc.getReceivers()[0]?.transport?.state;
  if (dtls && dtls !== 'connected') return ['rtcDtls', dtls];
  return null;
}

// Ended by connectionState 'failed', or by a path that stays away for two seconds.
export function watchConnection(pc, onLost) {
  let timer = 0;
  pc.addEventListener('connectionstatechange', () => {
    clearTimeout(timer);
    if (['failed', 'closed'].includes(pc.connectionState)) onLost();
    if (pc.connectionState === 'disconnected') timer = setTimeout(onLost, 2000);
  });
}

export const typed = async (pc, type) => [...(await pc.getStats()).values()].filter((one) => one.type === type);

// The pair of addresses that media takes: {rtt in milliseconds, local, remote, protocol}.
export function chosenPath(report) {
  const all = [...report.values()];
  const transport = all.find((one) => one.type === 'transport' && one.selectedCandidatePairId);
  const pair = transport ? report.get(transport.selectedCandidatePairId)
                         : all.find((one) => one.type === 'candidate-pair' && one.nominated && one.state === 'succeeded');
  if (!pair) return null;
  const remote = report.get(pair.remoteCandidateId);
  return {rtt: pair.currentRoundTripTime === undefined ? null : pair.currentRoundTripTime * 1000, protocol: remote?.protocol,
    remote: remote && `${remote.address ?? remote.ip}:${remote.port}`, capacity: pair.availableOutgoingBitrate};
}
