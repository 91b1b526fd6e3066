// A table of buttons is one stop of the Tab key; the arrow keys move from button to button.
const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

export function roving(table) {
  const all = [...table.querySelectorAll('tbody button')];
  const stop = (button) => all.forEach((one) => (one.tabIndex = one === button ? 0 : -1));
  stop(all[0]);
  table.addEventListener('focusin', ({ target }) => all.includes(target) && stop(target));
  table.addEventListener('keydown', (event) => {
    const { key, target, altKey, ctrlKey, metaKey } = event;
    if (!all.includes(target) || altKey || ctrlKey || metaKey) return;
    const cell = target.closest('td');
    const row = cell.parentElement;
    const ends = { Home: row.cells[1], End: [...row.cells].findLast((one) => all.includes(one.firstChild)) };
    const [down, right] = STEPS[key] ?? [];
    const next = ends[key] ?? table.tBodies[0].rows[row.sectionRowIndex + down]?.cells[cell.cellIndex + right];
    if (!STEPS[key] && !ends[key]) return;
    event.preventDefault();
    next?.querySelector('button')?.focus();
  });
}
