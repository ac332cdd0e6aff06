// Show only the terms whose names have the letters that were typed.
const box = document.querySelector('.filter');
if (box) {
  box.hidden = false;
  const input = box.querySelector('input');
  const status = box.querySelector('[role=status]');
  const terms = [...document.querySelectorAll('.term[data-text]')];
  input.addEventListener('input', () => {
    const letters = input.value.trim().toLowerCase();
    let shown = 0;
    for (const term of terms) {
      term.hidden = !term.dataset.text.includes(letters);
      shown += !term.hidden;
    }
    status.textContent = shown ? (letters ? String(shown) : '') : status.dataset.none;
  });
}
