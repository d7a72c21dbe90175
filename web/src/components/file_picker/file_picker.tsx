import './file_picker.css';
import { useState, type ReactNode } from 'react';
import { Icon } from '@/icons/icons';

export interface FilePickerProps {
  name: string;
  label: ReactNode;
  button: ReactNode;
  accept: string;
  hint?: ReactNode;
  error?: ReactNode;
  chosen?: string;
  onChoose: (file: File) => void;
}

export function FilePicker(props: FilePickerProps): ReactNode {
  const [over, setOver] = useState(false);
  return (
    <div className="mu-file">
      <p className="mu-file__label">{props.label}</p>
      {props.hint ? <div className="mu-file__hint">{props.hint}</div> : null}
      {props.error ? <div className="mu-file__error">{props.error}</div> : null}
      <label
        className={over ? 'mu-file__drop is-over' : 'mu-file__drop'}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          const file = event.dataTransfer?.files[0];
          if (file) props.onChoose(file);
        }}
      >
        <input
          id={`field-${props.name}`}
          type="file"
          accept={props.accept}
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            event.currentTarget.value = '';
            if (file) props.onChoose(file);
          }}
        />
        <Icon name="upload" />
        <span>{props.button}</span>
        {props.chosen ? <span className="mu-file__chosen">{props.chosen}</span> : null}
      </label>
    </div>
  );
}
