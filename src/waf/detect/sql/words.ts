// What words mean in SQL, over the dialects that stores use: MySQL and MariaDB, PostgreSQL, SQL Server, Oracle, SQLite. From their manuals' lists of reserved words and
// built-in functions; words that are ordinary English and harmless in SQL are left out.

/**
 * The kind of a word: `E` begins a statement or an expression of one, `U` joins two selects, `B` belongs behind a condition, `T` is a statement of procedural
 * dialects, `k` another keyword, `o` an operator, `&` a logical operator, `f` a function, `t` a type, `1` a constant, `n` an ordinary name.
 */
export type WordKind = 'E' | 'U' | 'B' | 'T' | 'k' | 'o' | '&' | 'f' | 't' | '1' | 'n' | 'A' | 'v';

const LISTS: readonly (readonly [WordKind, string])[] = [
  ['E', 'alter create delete exec execute insert select truncate update'],
  ['U', 'except intersect minus union'],
  ['B', 'having limit'],
  [
    'T',
    'analyze backup checkpoint commit dbcc declare drop fetch goto handler kill open print rename restore reconfigure rollback save shutdown use waitfor while',
  ],
  [
    'k',
    `all any as asc begin between by call case cascade check column constraint cross database default desc describe distinct distinctrow do dumpfile each else
    elseif end escape exists explain for foreign from full function goto grant group if immediate index infile inner into join key lateral left lines load local merge natural
    of off on only optimize order outer outfile partition percent primary procedure read references replace returning right rollup row rows schema set show some
    sounds sqlite_master start table tables then top trigger unique values view when where window with within`,
  ],
  ['o', 'div in is like mod not regexp rlike ilike similar glob match'],
  ['&', 'and or xor'],
  ['1', 'null true false unknown'],
  ['A', 'collate'],
  [
    't',
    'binary char varchar nvarchar nchar varbinary int integer bigint smallint tinyint float double decimal numeric signed unsigned bytea text blob',
  ],
  [
    'v',
    'current_user current_date current_time current_timestamp localtime localtimestamp session_user system_user',
  ],
  [
    'f',
    `abs acos analyse adddate addtime aes_decrypt aes_encrypt ascii asin atan avg benchmark bin bit_and bit_or bit_xor cast ceil ceiling char_length character_length charindex
    chr coalesce col_length col_name concat concat_ws connection_id conv convert convert_tz cot count crc32 curdate curtime database_to_xml datalength
    dateadd datediff datename datepart date_add date_format date_sub db_id db_name dbms_pipe.receive_message dbms_lock.sleep decode elt encode encrypt
    exp export_set extractvalue field find_in_set floor format found_rows from_base64 from_days from_unixtime generate_series get_lock getdate
    group_concat hex host_id host_name ifnull iif inet_aton inet_ntoa instr isnull json_extract json_keys json_arrayagg last_insert_id lcase least len
    length listagg load_extension load_file locate log lower lpad ltrim make_set makedate master_pos_wait max md5 mid min name_const newid nullif nvl
    object_id object_name octet_length openquery openrowset opendatasource ord patindex password percent_rank pg_read_file pg_sleep pg_ls_dir pi
    position pow power quote quotename rand randomblob radians regexp_replace regexp_substring regexp_instr release_lock repeat replicate reverse round
    row_count rpad rtrim schema_name sha sha1 sha2 sign sin sleep soundex space sqrt stdev str strcmp string_agg stuff substr substring substring_index
    subdate sum suser_name suser_sname sys_context sys_eval sys_exec sysdate system_user tan to_base64 to_char to_date to_number translate trim ucase
    uncompress unhex unicode unix_timestamp updatexml upper user_id user_name utl_http.request utl_inaddr.get_host_address uuid version weekday
    xmltype xp_cmdshell xp_dirtree xp_regread xp_fileexist xp_availablemedia xmlelement xmlagg zeroblob query_to_xml lo_import lo_export`,
  ],
];

export const WORD_KINDS: ReadonlyMap<string, WordKind> = new Map(
  LISTS.flatMap(([kind, words]) =>
    words
      .trim()
      .split(/\s+/u)
      .map((word) => [word, kind] as const),
  ),
);

/** Words that are functions only before a parenthesis; many are English. */
export const CALLED: ReadonlySet<string> = new Set(
  'user database schema left right char date day hour insert if in int minute mod month replace second time timestamp values year session_user current_user current_date localtime exists'.split(
    ' ',
  ),
);

/** Two words that mean something together. */
export const PAIRS: ReadonlyMap<string, WordKind> = new Map<string, WordKind>([
  ['union all', 'U'],
  ['union distinct', 'U'],
  ['except all', 'U'],
  ['intersect all', 'U'],
  ['group by', 'B'],
  ['order by', 'B'],
  ['partition by', 'B'],
  ['procedure analyse', 'B'],
  ['procedure analyze', 'B'],
  ['is not', 'o'],
  ['not in', 'o'],
  ['not like', 'o'],
  ['not between', 'o'],
  ['not rlike', 'o'],
  ['not regexp', 'o'],
  ['sounds like', 'o'],
  ['similar to', 'o'],
  ['is distinct', 'o'],
  ['insert into', 'E'],
  ['delete from', 'E'],
  ['select all', 'E'],
  ['select distinct', 'E'],
  ['drop table', 'T'],
  ['drop database', 'T'],
  ['alter table', 'E'],
  ['create table', 'E'],
  ['create function', 'E'],
  ['into outfile', 'k'],
  ['into dumpfile', 'k'],
  ['left join', 'k'],
  ['right join', 'k'],
  ['inner join', 'k'],
  ['outer join', 'k'],
  ['cross join', 'k'],
  ['natural join', 'k'],
]);

/** Functions that are English words, too, and stand before a parenthesis in a shop's texts: round (1.5 ct), length (18 inches). */
export const ENGLISH: ReadonlySet<string> = new Set(
  `abs benchmark bin cast ceiling char convert count cot date day encode encrypt exp export field floor format greatest hex hour insert least left len length locate log lower
  mask max md5 mid min minute mod month now password pi position pow power quarter quote rand repeat replace reverse right round schema second sha sign sin sleep space stuff
  substring sum tan time timestamp translate trim truncate upper user values version week weekday year`.split(
    /\s+/u,
  ),
);
