import {useEffect, useRef, useState} from 'preact/hooks';
import * as api from './api';
import {clock} from './format';
import {ClientLink} from './links';
import {explain, Notice} from './parts';
import {text} from './text';

const most = 500;
const levels = ['debug', 'info', 'warn', 'error'];

// `words`: what is in the filter at first.
export function Log({words}: {words: string}) {
  const [lines, setLines] = useState<api.LogLine[]>([]);
  const [level, setLevel] = useState('info');
  const [filter, setFilter] = useState(words);
  const [follow, setFollow] = useState(true);
  const [fault, setFault] = useState('');
  const bottom = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let live = true;
    let last = 0;
    setLines([]);
    const look = async () => {
      try {
        const more = document.hidden ? [] : (await api.logs(last, level, 1000)).logs;
        if (!live) return;
        last = more.at(-1)?.number ?? last;
        if (more.length > 0) setLines((had) => [...had, ...more].slice(-most));
        setFault('');
      } catch (problem) {
        if (live) setFault(explain(problem));
      }
      if (live) timer = setTimeout(look, 1000);
    };
    void look();
    return () => {
      live = false;
      clearTimeout(timer);
    };
  }, [level]);
  const wanted = filter.toLowerCase();
  const shown = lines.filter((line) => !wanted || `${line.client} ${line.text}`.toLowerCase().includes(wanted));
  useEffect(() => {
    if (follow && bottom.current) bottom.current.scrollTop = bottom.current.scrollHeight;
  }, [shown.length, shown.at(-1)?.number, follow]);
  return (
    <section>
      <div class="bar">
        <h2>{text('log')}</h2>
        <input type="search" value={filter} placeholder={text('contains')} aria-label={text('contains')} onInput={(event) => setFilter(event.currentTarget.value)} />
        <select value={level} aria-label={text('level')} onChange={(event) => setLevel(event.currentTarget.value)}>
          {levels.map((name) => <option key={name} value={name}>{name}</option>)}
        </select>
        <label class="check"><input type="checkbox" checked={follow} onChange={(event) => setFollow(event.currentTarget.checked)} /> {text('follow')}</label>
      </div>
      <Notice words={fault} />
      <div class="lines" ref={bottom} tabIndex={0} role="log">
        {shown.length === 0 && <p class="quiet">{text('noLines')}</p>}
        {shown.map((line) => (
          <div key={line.number} class={`line ${line.level}`}>
            <time>{clock(line.time_ms)}</time><b>{line.level}</b><i>{line.client ? <ClientLink id={line.client} /> : '–'}</i><span>{line.text}</span>
          </div>
        ))}
      </div>
    </section>
  );
}
