import type { Questionnaire } from '@loupe/contract';

/** What goes with a link or a file, ready to send. */
export interface AskText {
  readonly subject: string;
  readonly text: string;
}

interface AskTextFacts {
  readonly shop: string;
  readonly to: string;
  readonly link: string;
  readonly until: string;
  readonly form: Pick<Questionnaire, 'title' | 'minutes'> & { readonly items: number };
}

export function askText({ shop, to, link, until, form }: AskTextFacts): AskText {
  return {
    subject: `${shop}: ${form.title.toLowerCase()}`,
    text: `Hello ${to},

${shop} asks you ${form.items} questions about security. They take about ${form.minutes} minutes, and need no account:

${link}

What you fill in is saved as you go. You can hand parts of it to a colleague. “I do not know” is an answer. The link is good until ${until}; please do not pass it on.
`,
  };
}

export function reminderText({ shop, to, link, until, form }: AskTextFacts): AskText {
  return {
    subject: `Reminder: ${shop}: ${form.title.toLowerCase()}`,
    text: `Hello ${to},

some days ago ${shop} asked you about security. What you have filled in is still there:

${link}

The link is good until ${until}. If somebody else should answer, please say so.
`,
  };
}
