# Growth curves out of what `cargo bench --features open --bench table -- growth` prints: gnuplot scripts/growth.gnuplot, from
# here; reads docs/growth.csv, writes docs/growth.svg.
set datafile separator ","
set terminal svg size 900,640 font "sans-serif,12" background "white"
set output "docs/growth.svg"
set multiplot layout 2,3 margins 0.08,0.98,0.06,0.90 spacing 0.09,0.17 title "sled (whole lines, circles; thin: another machine) and PostgreSQL 15 (broken lines, squares), by number of cases"
set logscale xy
set xrange [700:1.5e6]
set format x "10^{%L}"
set grid
unset key
set style line 1 lc rgb "#1d4f91" lw 2 pt 7 ps 0.8
set style line 3 lc rgb "#1d4f91" lw 1 pt 6 ps 0.8
set style line 2 lc rgb "#b4540a" lw 2 pt 5 ps 0.8 dt 2
array what[6] = ["open_s", "resident_mib", "submissions_s", "submit_p95", "find_p95", "newest_p95"]
array title[6] = ["opening the store, s", "resident after it, MiB", "submissions/s, 8 at once", \
  "a submission, p95 ms", "looking up a receipt, p95 ms", "list of 50 newest, p95 ms"]
do for [i = 1:6] {
  set title title[i]
  plot "< grep '^engine\\|^sled,' docs/growth.csv" using "cases":(column(what[i])) with linespoints ls 1 notitle, \
       "< grep '^engine\\|^sled on' docs/growth.csv" using "cases":(column(what[i])) with linespoints ls 3 notitle, \
       "< grep '^engine\\|^PostgreSQL' docs/growth.csv" using "cases":(column(what[i])) with linespoints ls 2 notitle
}
unset multiplot
