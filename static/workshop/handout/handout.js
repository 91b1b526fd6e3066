// The handout: what of the notes fits on a sheet of paper.
import '/workshop/lib/hub.js';

document.getElementById('print').addEventListener('click', () => window.print());
