// Names and ids lead to what they name.

import {text} from './text';

export const streamHash = (url: string) => `#/stream/${encodeURIComponent(url)}`;
export const logHash = (words: string) => `#/log/${encodeURIComponent(words)}`;

export function StreamLink({url}: {url: string}) {
  return <a class="link" href={streamHash(url)}>{url.replace(/^\//, '')}</a>;
}

// A client leads to what the log says of it.
export function ClientLink({id}: {id: string}) {
  return <a class="link quiet" href={logHash(id)} title={text('itsLog')}><code>{id}</code></a>;
}

// The other end of a stream leads to what the log says of it, whichever attempt it was.
export function LogLink({words}: {words: string}) {
  return <a class="link" href={logHash(words)} title={text('itsLog')}>{words}</a>;
}
