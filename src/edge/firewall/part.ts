// What an event may show of a value that a rule matched: its form. Whoever explains a refusal needs the quotes, brackets and keywords; what anybody wrote in between is theirs.
// Letters of words that belong to no language of attacks are crossed out, and every digit is a 9.

/** Words of the languages that attacks are written in: SQL, markup and scripts, shells, paths, templates. None is anybody's name. */
const WORDS: ReadonlySet<string> = new Set(
  `all alter and as asc ascii benchmark between by case cast char chr collate concat convert copy count create
  current_user database delay delete desc distinct drop dual else end exec execute exists extractvalue false from
  group having hex if in information_schema insert into is isnull join length like limit load_file ltrim mid not null
  offset or order outer outfile pg_sleep procedure rand regexp rlike schema select set sleep substr substring table
  then top true truncate union unhex update user updatexml values version waitfor when where xor xp_cmdshell

  a applet base body button cdata data details doctype document div domain embed entity eval expression fetch form
  formaction frame function href html iframe image img import innerhtml input isindex javascript link location math meta
  object onblur onclick onerror onfocus oninput onload onmouseover onstart ontoggle oncopy onpointerover param prompt
  public script src srcdoc style svg system template text textarea this title vbscript video window xlink xml xmlns
  alert confirm constructor cookie prototype proto

  awk bash bin busybox cat chmod cmd curl cut dev echo env etc exe find group gopher head hosts htaccess http https id
  ifconfig ini jndi ldap ls nc netcat node nslookup passwd perl php ping ping6 powershell printenv proc python python3 rmi
  rm ruby self sh shadow sleep sort ssh sudo tail tcp tmp type uname usr var wget whoami win windows xargs zsh
  class runtime forname getruntime java lang ognl phpinfo assert base64_decode include require passthru shell_exec
  call config file filter freemarker input local localhost metadata mysql ne gt gte lt lte nin regex request session
  wrapper zip phar expect glob data __proto__`
    .split(/\s+/u)
    .filter((word) => word !== ''),
);

const MAX_PART = 120;
const MAX_CROSSES = 8;

/** The form of a value, printable, at most 120 characters. */
export function partOf(value: string): string {
  return value
    .slice(0, 2 * MAX_PART)
    .replace(/[A-Za-z_\u0080-\u00ff][\w\u0080-\u00ff]*/gu, (word) =>
      WORDS.has(word.toLowerCase()) ? word : 'x'.repeat(Math.min(word.length, MAX_CROSSES)),
    )
    .replace(/\d/gu, '9')
    .replace(/[^\x20-\x7e]/gu, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`)
    .slice(0, MAX_PART);
}
