// Asks the server what is live, every two seconds while the page is visible.

import {apiBases} from './urls.js';

const interval = 2000;
const patience = 5000;
const most = 200;

async function ask(base, path) {
  const response = await fetch(base + path, {signal: AbortSignal.timeout(patience), cache: 'no-store', credentials: 'omit'});
  if (!response.ok) throw Object.assign(new Error(`status ${response.status}`), {closed: [401, 403].includes(response.status)});
  const answer = await response.json();
  if (answer.code !== 0) throw new Error(`code ${answer.code}`);
  return answer;
}

// onStreams gets the list of streams as the API tells them; onFault is told when no address does, and whether one keeps
// the list to itself.
export function watchStreams(onStreams, onFault) {
  let bases = apiBases();
  let timer = 0;

  async function look() {
    clearTimeout(timer);
    if (document.hidden) return;
    let closed = false;
    for (const base of bases) {
      try {
        const answer = await ask(base, `/api/v1/streams/?start=0&count=${most}`);
        if (!Array.isArray(answer.streams)) continue;
        bases = [base, ...bases.filter((other) => other !== base)];
        onStreams(answer.streams.slice(0, most));
        timer = setTimeout(look, interval);
        return;
      } catch (fault) {
        closed ||= fault.closed === true;  // the next address may answer
      }
    }
    onFault(closed);
    timer = setTimeout(look, interval);
  }

  document.addEventListener('visibilitychange', look);
  look();
}
