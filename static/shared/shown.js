// For the pages "as often shown": what their own script showed, one line each, with a word
// where a number is missing, comes again or goes back; and what failed, which their script
// tells at most the console.
{
  const LINE_CAPACITY = 40;
  const output = document.querySelector('output');
  const list = document.createElement('ol');
  list.setAttribute('aria-label', 'What came, newest first');
  list.style.listStyle = 'none';
  output.parentElement.after(list);

  const tell = (...texts) => {
    const line = document.createElement('li');
    line.append(...texts);
    list.prepend(line);
    while (list.children.length > LINE_CAPACITY) list.lastChild.remove();
  };
  const strong = (text) => Object.assign(document.createElement('strong'), { textContent: text });

  let last; // number of the sample that was shown last
  const show = (seq) => {
    const hole = seq - last - 1;
    let word = '';
    if (seq === last) word = ' again';
    else if (seq < last) word = ` goes back, after #${last}`;
    else if (hole > 0) word = ` after a hole: ${hole} missing`;
    tell(`#${seq}`, strong(word));
    last = seq;
  };
  new MutationObserver((changes) => {
    for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes])) {
      const seq = parseInt(node.textContent, 10);
      if (seq) show(seq);
    }
  }).observe(output, { childList: true });

  const failed = (error) => {
    tell(strong(`failed: ${error}`));
    if (last === undefined) output.textContent = `nothing: ${error}`;
  };
  addEventListener('unhandledrejection', ({ reason }) => failed(reason));
  addEventListener('error', ({ message }) => failed(message));
  const log = console.log;
  console.log = (...words) => {
    log(...words);
    tell(strong(words.join(' ')));
  };
}
