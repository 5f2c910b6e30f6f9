// Asks the server what is live, every two seconds while the page is visible.

import {apiBases} from './urls.js';

const interval = 2000;
const patience = 5000;
const most = 200;

async function ask(base, path) {
  const response = await fetch(base + path, {signal: AbortSignal.timeout(patience), cache: 'no-store', credentials: 'omit'});
  if (!response.ok) throw new Error(`status ${response.status}`);
  const answer = await response.json();
  if (answer.code !== 0) throw new Error(`code ${answer.code}`);
  return answer;
}

// onStreams gets the list of streams as the API tells them; onFault is told when no address answers.
export function watchStreams(onStreams, onFault) {
  let bases = apiBases();
  let timer = 0;

  async function look() {
    clearTimeout(timer);
    if (document.hidden) return;
    for (const base of bases) {
      try {
        const answer = await ask(base, `/api/v1/streams/?start=0&count=${most}`);
        if (!Array.isArray(answer.streams)) continue;
        bases = [base, ...bases.filter((other) => other !== base)];
        onStreams(answer.streams.slice(0, most));
        timer = setTimeout(look, interval);
        return;
      } catch {
        // The next address may answer.
      }
    }
    onFault();
    timer = setTimeout(look, interval);
  }

  document.addEventListener('visibilitychange', look);
  look();
}
