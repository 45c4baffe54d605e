#!/usr/bin/env bats
# The man pages: each program has one, says what its -h says, is well formed, is
# installed, and shows in its EXAMPLES what the programs really print.

load ../ladder/stage

PAGES=$BIN/../src/man
REPLAY=$BIN/../tests/replay

setup_file()
{
    find_stage
}

# page_of PROGRAM: its file.
page_of() { echo "$PAGES/$1.1"; }

# Every program that has no lesson's number.
programs()
{
    local program
    for program in "$BIN"/[!0-9.]*; do
        [ ! -f "$program" ] || echo "${program##*/}"
    done
}

# The programs that are built here and have a page.
documented()
{
    local program
    for program in $(programs); do
        [ ! -f "$(page_of "$program")" ] || echo "$program"
    done
}

@test "every program of the toolkit, the ladder and bin/lesson have a page" {
    local program page
    for program in $(programs); do
        page=$(page_of "$program")
        [ -f "$page" ] || fail "there is no src/man/${page##*/}"
        has "$(<"$page")" ".Dt $(tr '[:lower:]' '[:upper:]' <<<"$program") 1"
        has "$(<"$page")" ".Nm $program"
    done
}

@test "mandoc finds nothing wrong with a page" {
    needs mandoc
    try 0 mandoc -T lint -W warning "$PAGES"/*.1
    is "$output$errors" ""
}

# Options with their values, as -h and a page's tags write them, in capitals:
# "--SHORT-READS[=[SIDE]N]", "--TIMEOUT SECONDS", "-H".
options_in()
{
    grep -oE -e '(^|[ ,])--?[a-z][a-z-]*[^ ,]*( [A-Z]+)?' |
        sed 's/^[ ,]*//' | tr '[:lower:]' '[:upper:]' | sort -u
}

options_of_usage()
{
    "$BIN/$1" -h | grep -E '^  -' | options_in
}

# A tag ends at two spaces or the end of its line; what stands for a value is
# written small in it. mandoc prints bold and underlined letters twice.
options_of_page()
{
    mandoc -T ascii -O width=200 "$(page_of "$1")" |
        sed "s/.$(printf '\b')//g" |
        sed -nE 's/^     (-[^ ]+( [^ ]+)*).*/\1/p' |
        awk '{
            for (i = 2; i <= NF; i++)
                if ($i !~ /^-/)
                    $i = toupper($i)
            print
        }' | options_in
}

@test "a page has the options of -h, with the same values, and no others" {
    needs mandoc
    local program
    for program in $(documented); do
        is "$program: $(options_of_page "$program" | paste -s -d ' ' -)" \
            "$program: $(options_of_usage "$program" | paste -s -d ' ' -)"
    done
}

# What a page says under the tag of an option or an argument, in one line.
said_of()
{
    awk -v tag="$2" '
        /^\.It|^\.El|^\.S[hs]/ {
            inside = $0 ~ "^[.]It (Fl -" substr(tag, 3) "|Ar " tolower(tag) \
                ")( |$)"
        }
        inside { text = text " " $0 }
        END { print text }' "$(page_of "$1")"
}

# "The default is the number of processors" is true everywhere, and -h tells
# how many these are: so only a default that has a figure is compared. An option
# whose default is none does nothing where it is not given.
@test "a page has the defaults of -h" {
    local program name default text number='the (number of|same number) '
    for program in $(documented); do
        while read -r name default; do
            [ "$default" != none ] || continue
            text=$(said_of "$program" "$name")
            like "$program $name: $text" \
                "default is ($number|${default//./[.]}[.,:;])"
        done < <("$BIN/$program" -h | sed -nE \
            's/^  (-*[A-Za-z-]+).*\(default ([^)]*)\)$/\1 \2/p')
    done
}

@test "the servers' pages tell what all have in the same words" {
    local option other
    for option in $("$BIN/echo-server" -h | sed -nE 's/^  (--[a-z-]+).*/\1/p'); do
        for other in daytime-server simple-services; do
            is "$other: $(said_of "$other" "$option")" \
                "$other: $(said_of echo-server "$option")"
        done
    done
}

# The blocks of a page's EXAMPLES as a text for tests/replay, which types them:
# "$ command", or "1$ server" and "2$ client" for two terminals.
transcript()
{
    awk '
        /^\.Sh/ { examples = $2 == "EXAMPLES" }
        !examples { next }
        /^\.Bd -literal/ { start = block = 1; next }
        /^\.Ed/ { print "```"; block = 0 }
        !block { next }
        start && !/^[23][$] / { print "## Example " ++count }
        start { print "```console"; start = 0 }
        {
            sub(/^\\&/, "")
            gsub(/\\e/, "\\")
            print
        }' "$1"
}

# The ladder brings a private network with all ports; other examples get free
# ones by replay, whose bin/ comes first.
replay_page()
{
    local text=$BATS_TEST_TMPDIR/$1.md path=bin LIMIT=240
    transcript "$(page_of "$1")" >"$text"
    case $1 in ladder | lesson) path=$BIN ;; esac
    PATH=$path:$PATH REPLAY_PATIENCE=20 bounded "$REPLAY" "$text" 2>&1 ||
        echo "$1: replay gave $?"
}

@test "every example of every page is what the programs print" {
    local program
    for program in $(documented); do
        case $program in
        ladder | lesson) [ -z "$STAGE_MISSING" ] || continue ;;
        esac
        replay_page "$program" >"$BATS_TEST_TMPDIR/$program.said" 3>&- &
    done
    wait
    ! grep -q 'replay gave' "$BATS_TEST_TMPDIR"/*.said ||
        fail "$(cat "$BATS_TEST_TMPDIR"/*.said)"
    [ -z "$STAGE_MISSING" ] || skip "but for the ladder's: $STAGE_MISSING"
}

@test "make install brings its programs' pages, and uninstall takes them" {
    local root=$BATS_TEST_TMPDIR/root program
    # The flags of what stands in bin/: nothing is built anew.
    local make=(make -s -C "$BIN/.." -o all DESTDIR="$root" PREFIX=/opt/net)
    try 0 "${make[@]}" install
    for program in "$root"/opt/net/bin/[!0-9]*; do
        program=${program##*/}
        cmp "$(page_of "$program")" "$root/opt/net/share/man/man1/$program.1"
    done
    try 0 "${make[@]}" uninstall
    is "$(find "$root" ! -type d)" ""
}
