// A table that becomes a list of cards on a phone. Columns can sort; the first column names the row.
import type { ReactNode } from "react";

export interface Column<Row, Key extends string = string> {
  key: Key;
  title: string;
  render: (row: Row) => ReactNode;
  numeric?: boolean;
  sortable?: boolean;
  /** Hidden in the cards of a phone. */
  wideOnly?: boolean;
}

export interface Order<Key extends string = string> {
  by: Key;
  descending: boolean;
}

interface DataTableProps<Row, Key extends string> {
  label: string;
  columns: readonly Column<Row, Key>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  rowTestId?: (row: Row) => string;
  order?: Order<Key>;
  onOrder?: (order: Order<Key>) => void;
}

export function DataTable<Row, Key extends string>({ label, columns, rows, rowKey, rowTestId, order, onOrder }: DataTableProps<Row, Key>) {
  return (
    <table className="data" aria-label={label} role="table">
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <HeadCell key={column.key} column={column} order={order} onOrder={onOrder} />
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={rowKey(row)} role="row" data-testid={rowTestId?.(row)}>
            {columns.map((column, index) => {
              const className = [column.numeric && "numeric", column.wideOnly && "wide-only"].filter(Boolean).join(" ");
              return index === 0 ? (
                <th key={column.key} scope="row" role="rowheader" className={className}>
                  {column.render(row)}
                </th>
              ) : (
                <td key={column.key} role="cell" className={className} data-label={column.title}>
                  {column.render(row)}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface HeadCellProps<Row, Key extends string> {
  column: Column<Row, Key>;
  order: Order<Key> | undefined;
  onOrder: ((order: Order<Key>) => void) | undefined;
}

function HeadCell<Row, Key extends string>({ column, order, onOrder }: HeadCellProps<Row, Key>) {
  const sorted = order?.by === column.key ? order : undefined;
  const direction = sorted ? (sorted.descending ? "descending" : "ascending") : "none";
  const className = column.numeric ? "numeric" : "";
  if (!column.sortable || !onOrder) {
    return (
      <th scope="col" role="columnheader" className={className}>
        {column.title}
      </th>
    );
  }
  const next = { by: column.key, descending: sorted ? !sorted.descending : column.numeric === true };
  return (
    <th scope="col" role="columnheader" aria-sort={direction} className={className}>
      <button type="button" className="sort" onClick={() => onOrder(next)}>
        {column.title}
        <span aria-hidden="true" className="sort-arrow">
          {sorted ? (sorted.descending ? "↓" : "↑") : ""}
        </span>
      </button>
    </th>
  );
}
