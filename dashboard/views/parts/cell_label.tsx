/** The name of a cell where a row is a card: the heads of the columns are not seen there. */

export function CellLabel(props: { readonly text: string }) {
  return (
    <span class="cell-label" aria-hidden="true">
      {props.text}
    </span>
  );
}
