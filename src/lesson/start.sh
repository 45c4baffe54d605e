# shellcheck shell=sh
# start.sh - tells of a program that cannot begin, for bin/lesson and the cells; a
# check would take it for one that does nothing.

# What is set here is used there.
# shellcheck disable=SC2034

# cannot_start FILE NAME: whether it is so; sets $why, which calls it NAME, and
# $lacking if this machine lacks what the script asks for.
cannot_start()
{
    lacking=
    begins=$(head -c 200 "$1" | LC_ALL=C tr -d '\000' | head -n 1)
    case $begins in
    "$(printf '\177')ELF"*) return 1 ;;
    '#!'*"$(printf '\r')")
        why="the lines of $2 end as Windows ends them: save it with Unix line \
endings (LF)"
        return
        ;;
    '#!'*) ;;
    *)
        why="$2 is no program, nor a script that begins with a line like \
#!/usr/bin/env python3"
        return
        ;;
    esac
    read -r interpreter name _ <<END
${begins#??}
END
    case $interpreter in */env) ;; *) name='' ;; esac
    for word in "$interpreter" "$name"; do
        case $word in
        '' | -* | *=*) continue ;;
        esac
        command -v "$word" >/dev/null && continue
        lacking=$word
        why="$2 begins with $begins, but there is no $word"
        return
    done
    return 1
}
