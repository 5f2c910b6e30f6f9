// Asks the server what is live, every two seconds while the page is visible: on the page's own port, which knows the rules
// of the API, and at the API's where an older server has no such list.

import {apiBases} from './urls.js';

const interval = 2000;
const longest = 15000;  // while nothing answers
const patience = 5000;
const most = 200;

async function ask(address) {
  const response = await fetch(address, {signal: AbortSignal.timeout(patience), cache: 'no-store', credentials: 'omit'});
  if (!response.ok) throw Object.assign(new Error(`status ${response.status}`), {status: response.status});
  const answer = await response.json();
  if (answer.code !== 0 || !Array.isArray(answer.streams)) throw Object.assign(new Error(`code ${answer.code}`), {status: 404});
  return {streams: answer.streams.slice(0, most), total: Number(answer.total) || answer.streams.length};
}

export const listAddresses = () => ['streams.json', ...apiBases().map((base) => `${base}/api/v1/streams/`)];

// {streams, total, address}, of the first address that has the list; or {status}: what the best of them said instead, 0 where
// nobody answered.
export async function askStreams(addresses = listAddresses(), contains = '') {
  let told = 0;
  for (const address of addresses) {
    try {
      return {...await ask(`${address}?start=0&count=${most}${contains && `&contains=${encodeURIComponent(contains)}`}`), address};
    } catch ({status = 0}) {
      // The page's own port knows best; 404 there is a server that has no such list, or no API.
      if (!told || told === 404) told = status || told;
      if (status && status !== 404) break;
    }
  }
  return {status: told};
}

// onStreams gets the list of streams as the API tells them, and how many there are in all; onFault the status that kept it from us, 0 for silence.
// Gives what asks at once for those of whose names a text is a part.
export function watchStreams(onStreams, onFault) {
  let addresses = listAddresses();
  let timer = 0, pause = interval, turn = 0, contains = '';

  async function look() {
    clearTimeout(timer);
    if (document.hidden) return;
    const mine = ++turn;
    const answer = await askStreams(addresses, contains);
    if (mine !== turn) return;
    if (answer.streams) {
      addresses = [answer.address, ...addresses.filter((other) => other !== answer.address)];
      pause = interval;
      onStreams(answer.streams, answer.total);
    } else {
      pause = Math.min(longest, pause * 1.5);
      onFault(answer.status);
    }
    timer = setTimeout(look, pause);
  }

  document.addEventListener('visibilitychange', look);
  look();
  return (part) => {
    contains = part;
    look();
  };
}
