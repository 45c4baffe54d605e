#!/usr/bin/env bats
# What the texts show is what the programs print, and a text that rots is found.

load helper

REPLAY=$BIN/../tests/replay

@test "every console block of every text is what the programs print" {
    cd "$BIN/.."
    local text started=0
    for text in README.md lessons/*/README.md; do
        {
            LIMIT=240 bounded tests/replay "$text" 2>&1 ||
                echo "$text: replay gave $?"
        } >"$BATS_TEST_TMPDIR/${text//\//_}" &
        [ $((++started % 6)) != 0 ] || wait # they hold each other up
    done
    wait
    ! grep -q 'replay gave' "$BATS_TEST_TMPDIR"/*.md ||
        fail "$(cat "$BATS_TEST_TMPDIR"/*.md)"
}

@test "every lesson has a text" {
    cd "$BIN/../lessons"
    local lesson
    for lesson in [0-9]*/; do
        [ -f "$lesson/README.md" ] || fail "lessons/$lesson has no README.md"
    done
}

# Two programs for the texts below, which take a port as the lessons do, and a
# peer's steps in one word.
make_programs()
{
    local mode
    export REPLAY_BIN=$BATS_TEST_TMPDIR/bin PEER
    mkdir "$REPLAY_BIN"
    for mode in listen connect bind; do
        cat >"$REPLAY_BIN/$mode" <<END
#!/bin/sh
[ "\$1" = -h ] && { printf '[PORT]\n  PORT  (default 7000)\n'; exit; }
[ "\$2" ] || set -- '' "\$1"
exec "\$PEER" $mode "\$2" \$1
END
    done
    chmod +x "$REPLAY_BIN"/*
}

good_text()
{
    cat <<'END'
```console
$ bin/bind
bound to 127.0.0.1:7000
$ bin/bind "" 9999; bin/bind "" 7000; bin/bind "" 9999; bin/nothing; echo $?
bound to 127.0.0.1:9999
bound to 127.0.0.1:7000
bound to 127.0.0.1:9999
...
127
$ echo $?
0
```

## Numbers

```console
$ echo "port 7000 is 0x1b58"; echo "sin_port   1b 58"; echo port 80
port 7000 is 0x1b58
sin_port   1b 58
port 80
$ echo descriptor 7, descriptor 8, descriptor 7, at 22 NOV 2026 17:37:43 UTC
descriptor 3, descriptor 4, descriptor 3, at 01 JAN 2025 00:00:00 UTC
$ echo child 17, child 18, child 17
child 40, child 3, child 40
$ echo took 123456, 1234; echo bind: No such luck "(EACCES)"
took 654321, 1234
bind: What libc says (EACCES)
```

## Two terminals

```console
1$ bin/listen 'ends send:x peer-gone say:gone wait wait'
listening on 127.0.0.1:7000
this end is 127.0.0.1:7000, the other 127.0.0.1:54321
gone
```

```sh
## no heading, and no prompt:
$ exit 9
```

```console
2$ bin/connect 'ends read:1'
this end is 127.0.0.1:54321, the other 127.0.0.1:7000
"x"
2$ echo $?
0
```

## Three terminals

```console
1$ bin/listen 'accept say:two peer-gone'; echo over; sleep 100
listening on 127.0.0.1:7000
two
over
^C
```

```console
2$ bin/connect 'say:one wait'; sleep 100
one
^C
```

```console
3$ bin/connect say:two | cat
two
```

## Nobody

```console
$ bin/connect 2>&-; echo $?
1
```
END
}

@test "a good text passes, and leaves nothing behind" {
    make_programs
    good_text >"$BATS_TEST_TMPDIR/good.md"
    mkdir "$BATS_TEST_TMPDIR/tmp"
    TMPDIR=$BATS_TEST_TMPDIR/tmp try 0 "$REPLAY" "$BATS_TEST_TMPDIR/good.md"
    is "$output$errors" ""
    rmdir "$BATS_TEST_TMPDIR/tmp"
}

# One section of the good text, changed by a sed script, has to fail, and the
# failure has to show these words.
refuse()
{
    local base=$BATS_TEST_TMPDIR/$((++changes))
    good_text | sed -n "$1p" >"$base.good"
    sed "$2" "$base.good" >"$base.bad"
    if cmp -s "$base.good" "$base.bad"; then
        echo "nothing is changed by $2" >"$base.failed"
    elif bounded "$REPLAY" "$base.bad" >"$base.says" 2>&1; then
        echo "$1 passes with $2" >"$base.failed"
    elif ! grep -qF -e "$3" "$base.says"; then
        cat "$base.says" - >"$base.failed" <<<"$2 is not told by: $3"
    fi
}

@test "a corrupted text fails, wherever it is corrupted" {
    make_programs
    export REPLAY_PATIENCE=1
    local changes=0 section change words
    while IFS='|' read -r section change words; do
        changes=$((changes + 1))
        refuse "$section" "$change" "$words" &
        [ $((changes % 8)) != 0 ] || wait # each takes several processes
    done <<'END'
1,/^## N/|s/^bound.*7000$/bound to 127.0.0.1:700/|-bound to 127.0.0.1:700
1,/^## N/|s/^bound.*9999$/bound to 127.0.0.1:7000/|+bound to 127.0.0.1:<port 2>
1,/^## N/|s/^127$/126/|+127
1,/^## N/|/^[.]/d|bin/nothing: No such
/^## Num/,/^## T/|s/0x1b58$/0x1b59/|-port <port 1> is 0x<port 2>
/^## Num/,/^## T/|s/^\(sin_port *\)1b 58/\158 1b/|-sin_port <port 2>
/^## Num/,/^## T/|s/^port 80/port 81/|+port 80
/^## Num/,/^## T/|s/4, descriptor 3/4, descriptor 4/|+<descriptor 1>, 
/^## Num/,/^## T/|s/3, child 40/3, child 3/|+<child 1>, <child 2>, <child 1>
/^## Num/,/^## T/|s/654321, 1234/654321, 1235/|+took <number>, 1234
/^## Num/,/^## T/|s/libc says (EACCES)/& /|+bind: <why> (EACCES)
/^## Num/,/^## T/|s/libc says (EACCES)/libc says (EPERM)/|-bind: <why> (EPERM)
/^## Two/,/^## Th/|s/54321, the/54322, the/|-this end is 127.0.0.1:<port 3>
/^## Two/,/^## Th/|s/^gone$/& again/|-gone again
/^## Two/,/^## Th/|s/wait wait./&; sleep 100/|did not end: 1$
/^## Two/,/^## Th/|s/^2[$] bin/bin/|no prompt: bin/connect
/^## Th/,/^## Nob/|/^over$/d|+over
/^## Th/,/^## Nob/|s/^one$/One/|+one
/^## Nob/,$|s/```console/```sh/|no console block
/^## Nob/,$|s/^```console/ &/|not at the margin
/^## Nob/,$|$d|a block without an end
END
    wait
    is "$(cat "$BATS_TEST_TMPDIR"/*.failed 2>/dev/null)" ""
}
