import { useState } from 'react';
import { Dialog } from './dialog';

function Example() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="mu-gallery-open mu-plain-target" onClick={() => setOpen(true)}>
        対話画面を開く
      </button>
      <Dialog title="この端末からログアウトしますか" open={open} onClose={() => setOpen(false)}>
        <p>次に使うときは、パスキーかカードでログインします。記録は消えません。</p>
      </Dialog>
    </>
  );
}

export default { title: '対話画面', states: { closed: <Example /> } };
