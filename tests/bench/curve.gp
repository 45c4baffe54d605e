# curve.gp - draws what echo.py --curve has measured:
#
#     gnuplot -e "data='curve.tsv'; out='rate.svg'" tests/bench/curve.gp

set terminal svg size 760,420 font "sans-serif,13" background rgb "white"
set output out
set datafile separator "\t"
set datafile missing "?"
set logscale x 2
set xtics ("1" 1, "4" 4, "16" 16, "64" 64, "256" 256, "1000" 1000)
set xrange [0.8:1300]
set yrange [0:*]
set format y "%.0f"
set grid ytics linecolor rgb "#dddddd"
set border 3
set tics nomirror
set key outside right
set title "One processor for the server, one for the load: 64 bytes there and back"
set xlabel "clients"
set ylabel "echoes a second"
plot for [i=2:*] data using 1:i with linespoints pointtype 7 pointsize 0.5 \
    linewidth 2 title columnheader(i)
