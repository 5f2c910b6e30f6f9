// Tables that are put in order by a press on the head of a column.

import {useState} from 'preact/hooks';
import {text} from './text';

export interface Column<Row> { name: string; by?: (row: Row) => number | string }
export interface Order { column: number; falling: boolean }

const compare = (a: number | string, b: number | string) =>
  (typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), undefined, {numeric: true}));

export function useOrder<Row>(columns: Column<Row>[], first: Order): [(rows: Row[]) => Row[], Order, (column: number) => void] {
  const [order, setOrder] = useState(first);
  const sorted = (rows: Row[]) => {
    const by = columns[order.column]?.by;
    if (!by) return rows;
    const sign = order.falling ? -1 : 1;
    return [...rows].sort((a, b) => sign * compare(by(a), by(b)));
  };
  // Figures begin with the largest, names with the first.
  const press = (column: number) => setOrder((had) => ({column, falling: had.column === column ? !had.falling : column > 0}));
  return [sorted, order, press];
}

export function SortedHeads<Row>({columns, order, press}: {columns: Column<Row>[]; order: Order; press: (column: number) => void}) {
  return (
    <thead>
      <tr>
        {columns.map(({name, by}, column) => (
          <th key={name} scope="col" aria-sort={order.column === column ? (order.falling ? 'descending' : 'ascending') : undefined}>
            {by ? <button type="button" class="head" onClick={() => press(column)}>{name}<i aria-hidden="true" /></button> : <span class="off-screen">{name}</span>}
          </th>
        ))}
      </tr>
    </thead>
  );
}

// Heads are not seen on a phone: the order is chosen here.
export function SortChoice<Row>({columns, order, press}: {columns: Column<Row>[]; order: Order; press: (column: number) => void}) {
  return (
    <label class="narrow check">{text('order')}
      <select value={order.column} onChange={(event) => press(Number(event.currentTarget.value))}>
        {columns.map(({name, by}, column) => by && <option key={name} value={column}>{name}</option>)}
      </select>
    </label>
  );
}
