// Small things that several tabs are made of.

import type {ComponentChildren} from 'preact';
import {useEffect, useRef, useState} from 'preact/hooks';
import {Failed, Refused, Told} from './api';
import {text} from './text';

export function explain(fault: unknown): string {
  if (fault instanceof Failed && [2048, 2049, 4091].includes(fault.code)) return text('gone');
  if (fault instanceof Failed && fault.code === 1061) return text('noReload');
  if (fault instanceof Refused || fault instanceof Failed) return text('failed') + fault.message;
  if (fault instanceof Told) return fault.message;
  return text('unreachable');
}

// Does what a button asks for, says what came of it, and looks again. `fault` is of the last that was done.
export function useActs(look: () => void): [(work: Promise<unknown>) => Promise<void>, string, (words: string) => void] {
  const [fault, setFault] = useState('');
  const act = async (work: Promise<unknown>) => {
    try {
      await work;
      setFault('');
    } catch (problem) {
      setFault(explain(problem));
    }
    look();
  };
  return [act, fault, setFault];
}

// Asks now, then every `period` while the page is seen, and when `why` changes. What was told last stays meanwhile.
export function usePolled<Answer>(ask: () => Promise<Answer>, period: number, why: unknown[]): [Answer | undefined, string, () => void] {
  const [answer, setAnswer] = useState<Answer>();
  const [fault, setFault] = useState('');
  const again = useRef(() => {});
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let live = true;
    let asking = false;
    const look = async () => {
      clearTimeout(timer);
      if (!live || asking || document.hidden) return;
      asking = true;
      try {
        const told = await ask();
        if (live) {
          setAnswer(told);
          setFault('');
        }
      } catch (problem) {
        if (live) setFault(explain(problem));
      }
      asking = false;
      if (live) timer = setTimeout(look, period);
    };
    again.current = look;
    document.addEventListener('visibilitychange', look);
    look();
    return () => {
      live = false;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, why);
  return [answer, fault, () => again.current()];
}

// A button for what can not be undone: the first press asks, with the name of what it is about, the second does.
export function Sure({label, what, act, kind, off}: {label: string; what: string; act: () => Promise<void>; kind?: string; off?: boolean}) {
  const [asked, setAsked] = useState(false);
  useEffect(() => {
    if (!asked) return;
    const timer = setTimeout(() => setAsked(false), 4000);
    return () => clearTimeout(timer);
  }, [asked]);
  const press = () => {
    setAsked(!asked);
    if (asked) void act();
  };
  return <button type="button" class={`small ${asked ? 'danger' : ''} ${kind ?? ''}`} disabled={off} onClick={press} aria-live="polite">{asked ? `${label} ${what.replace(/^\//, '')}${text('sure')}` : label}</button>;
}

export function Button({label, act, kind, title, off}: {label: string; act: () => Promise<void>; kind?: string; title?: string; off?: boolean}) {
  const [busy, setBusy] = useState(false);
  const press = async () => {
    setBusy(true);
    await act();
    setBusy(false);
  };
  return <button type="button" class={`small ${kind ?? ''}`} disabled={busy || off} title={title} aria-label={title} onClick={press}>{label}</button>;
}

// Cells tell the name of their column: on a phone a row becomes a card.
export function Cell({name, children, kind}: {name?: string; children?: ComponentChildren; kind?: string}) {
  return <td data-name={name} class={kind}>{children}</td>;
}

export function Heads({names}: {names: string[]}) {
  return <thead><tr>{names.map((name) => <th key={name} scope="col">{name === text('actions') ? <span class="off-screen">{name}</span> : name}</th>)}</tr></thead>;
}

export function Notice({words, kind = ''}: {words: string; kind?: '' | 'good' | 'bad'}) {
  return words ? <p class={`notice ${kind}`} role={kind === 'bad' ? 'alert' : 'status'}>{words}</p> : null;
}

export function Copy({words}: {words: string}) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), 2000);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = async () => {
    await navigator.clipboard?.writeText(words).then(() => setDone(true), () => {});
  };
  return navigator.clipboard ? <button type="button" class="small" onClick={copy}>{text(done ? 'copied' : 'copy')}</button> : null;
}
