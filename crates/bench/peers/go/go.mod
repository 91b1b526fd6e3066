module workshop/peer

go 1.19
