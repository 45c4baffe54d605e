# shellcheck shell=sh
# steps.sh - shows what bats says of a check (TAP) as a student reads it, for
# `lesson check` and for the logs of `lesson grade`. $good, $bad and $plain are
# colours, or nothing; $tree stands before the names of files, or is not set.

# shellcheck disable=SC2154

# tell LABEL TEXT: the label takes ten columns, the text is as wide as is left.
tell()
{
    printf %s "$1" || return
    if [ ${#2} -le 70 ]; then
        printf '%s\n' "$2"
    else
        printf '%s\n' "$2" | fold -s -w 70 |
            sed -e '$!s/ *$//' -e '2,$s/^/          /'
    fi
}

# step COLOUR WORD NUMBER-AND-NAME
step()
{
    printf '%s%-5s%s' "$1" "$2" "$plain" || return
    tell "$(printf '%3d. ' "${3%% *}")" "${3#* }"
}

# Reads what bats says (TAP) and shows the steps as they come. What it says of
# itself is left out, unless a step that failed tells nothing else. It sets
# $planned, the number of steps, $held, how many did, and $failed, which did not;
# $passed, if that is the check's verdict, and $missing, if it cannot give one.
# Where nobody reads what it writes it exits as SIGPIPE would make it.
read_steps()
{
    planned='' held=0 passed='' failed='' ended='' told='' other='' missing=''
    while IFS= read -r line; do
        case $ended$line in
        '# 1..'*) planned=${line#*..} ;;
        '# ok '*)
            held=$((held + 1))
            step "$good" ok "${line#*ok }"
            ;;
        '# not ok '*)
            line=${line#*ok }
            failed=${line%% *}
            step "$bad" FAIL "$line"
            ;;
        'ok '*' # skip '*) missing=${line#*' # skip '} ;;
        'ok '*) passed=yes ;;
        'not ok '*) ended=yes ;;
        'yes# came:     the ladder itself broke off'*)
            missing=${line#'# came:     '}
            ;;
        'yes# expected: '* | 'yes# came:     '* | 'yes# it said:  '*)
            told=yes
            line=${line#??}
            tell "${line%"${line#??????????}"}" "${line#??????????}"
            ;;
        'yes# Read: lessons/'*)
            printf '%s\n' "Read: ${tree-}${line#* Read: }"
            ;;
        'yes#'*)
            line=${line#?}
            line=${line# }
            if [ -z "$told" ]; then
                other=$other$line'
'
            elif [ ${#line} -gt 80 ]; then
                printf '%s\n' "$line" | fold -s -w 80 | sed '$!s/ *$//'
            else
                printf '%s\n' "$line"
            fi
            ;;
        esac || exit 141
    done
    [ "$told" ] || printf %s "$other"
}

# The same, and the verdict: gives 0 if the check passed, 1 if it failed, 3 if
# nobody can tell.
show_steps()
{
    read_steps
    if [ "$missing" ] || [ -z "$passed$failed" ]; then
        echo "lesson: this cannot be checked here:" \
            "${missing:-the check itself broke off}" >&2
        return 3
    fi
    echo
    if [ "$failed" ]; then
        echo "Step $failed of $planned failed."
        return 1
    fi
    echo "All $planned steps hold."
}
