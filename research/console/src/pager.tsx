import {text} from './text';

export function Pager({start, size, total, go}: {start: number; size: number; total: number; go: (start: number) => void}) {
  if (total <= size && start === 0) return null;
  return (
    <nav class="pager">
      <button type="button" class="small" disabled={start === 0} onClick={() => go(Math.max(0, start - size))}>{text('earlier')}</button>
      <span class="quiet">{Math.min(start + 1, total)} – {Math.min(start + size, total)} {text('of')} {total}</span>
      <button type="button" class="small" disabled={start + size >= total} onClick={() => go(start + size)}>{text('later')}</button>
    </nav>
  );
}
