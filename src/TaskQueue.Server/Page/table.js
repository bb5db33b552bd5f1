// Tables whose rows stay the same elements while they are shown, so that the focus stays where it is.

/**
 * Shows the items, one row each.
 * @param {HTMLTableElement} table
 * @param {Array} items
 * @param {(item) => string} keyOf What tells the items apart.
 * @param {(item) => Array<string | {text: string, class: string}>} cellsOf The text of each cell.
 * @param {((item) => ({text: string, label: string, run: () => void} | null))=} actionOf What the button in the last cell does.
 */
export function show(table, items, keyOf, cellsOf, actionOf) {
  const body = table.tBodies[0];
  const labels = [...table.tHead.rows[0].cells].map(cell => cell.textContent);
  const known = new Map([...body.rows].map(row => [row.dataset.key, row]));
  items.forEach((item, index) => {
    const key = keyOf(item);
    const row = known.get(key) ?? newRow(key, labels);
    known.delete(key);
    cellsOf(item).forEach((cell, place) => set(row.cells[place], typeof cell === 'object' ? cell : { text: cell, class: '' }));
    if (actionOf) {
      setAction(row.cells[labels.length - 1], actionOf(item));
    }

    if (body.rows[index] !== row) {
      body.insertBefore(row, body.rows[index] ?? null);
    }
  });
  known.forEach(row => row.remove());
  table.hidden = items.length === 0;
}

function newRow(key, labels) {
  const row = document.createElement('tr');
  row.dataset.key = key;
  row.setAttribute('role', 'row');
  for (const label of labels) {
    const cell = row.insertCell();
    cell.setAttribute('role', 'cell');
    cell.dataset.label = label === 'Action' ? '' : label;
  }

  return row;
}

function set(cell, { text, class: name }) {
  if (cell.textContent !== text) {
    cell.textContent = text;
  }

  cell.className = name;
}

function setAction(cell, action) {
  if (!action) {
    cell.replaceChildren();
    return;
  }

  const button = cell.querySelector('button') ?? cell.appendChild(document.createElement('button'));
  button.type = 'button';
  button.textContent = action.text;
  button.setAttribute('aria-label', action.label);
  button.onclick = action.run;
}
