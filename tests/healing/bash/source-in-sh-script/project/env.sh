APP=web
