# The guest that proves that a hypervisor runs guests, as firmware of 64 KiB: its reset vector (0xfff0, put there by LayerProof) jumps
# here. It goes the way of every kernel (protected mode, paging, long mode), takes an exception, uses SSE2, and ends QEMU through the
# device isa-debug-exit (port 0xf4; 0x10 gives exit code 33). A guest that only wrote the port from real mode would prove too little:
# there are machines whose /dev/kvm runs that, and no kernel.
#
# After a change: as --64 proof.s -o proof.o && objcopy -O binary -j .text proof.o proof.bin
        .code16
        .org 0
start:  cli
        xorw %ax, %ax
        movw %ax, %ss
        movw $0x7000, %sp
        cs lgdtl gdtp - start
        movl %cr0, %eax
        orb $1, %al
        movl %eax, %cr0
        ljmpl $8, $(0xf0000 + prot - start)
        .code32
prot:   movw $16, %ax
        movw %ax, %ds
        movw %ax, %es
        movw %ax, %ss
        # page tables at 0x1000 (PML4), 0x2000 (PDPT), 0x3000 (PD): the first 16 MiB, in 2 MiB pages
        xorl %eax, %eax
        movl $0x1000, %edi
        movl $0xc00, %ecx
        cld
        rep stosl
        movl $0x2003, 0x1000
        movl $0x3003, 0x2000
        movl $0x3000, %edi
        movl $0x83, %eax
        movl $8, %ecx
1:      movl %eax, (%edi)
        addl $0x200000, %eax
        addl $8, %edi
        loop 1b
        movl %cr4, %eax
        orl $0x620, %eax        # PAE, OSFXSR, OSXMMEXCPT
        movl %eax, %cr4
        movl $0x1000, %eax
        movl %eax, %cr3
        movl $0xc0000080, %ecx
        rdmsr
        orl $0x100, %eax
        wrmsr
        movl %cr0, %eax
        orl $0x80000000, %eax
        movl %eax, %cr0
        ljmpl $24, $(0xf0000 + long - start)
        .code64
long:   xorl %eax, %eax
        movl $0x200000, %esp
        # an exception: #UD through an IDT at 0x4000
        movl $0x4000, %edi
        leaq handler(%rip), %rax
        movw %ax, 0x60(%rdi)
        movw $24, 0x62(%rdi)
        movw $0x8e00, 0x64(%rdi)
        shrq $16, %rax
        movw %ax, 0x66(%rdi)
        movq $0, 0x68(%rdi)
        movw $0xfff, 0x4ff0
        movq $0x4000, 0x4ff2
        lidt 0x4ff0
        ud2
        jmp fail
handler:
        movsd one(%rip), %xmm0
        addsd %xmm0, %xmm0
        cvttsd2si %xmm0, %eax
        cmpl $2, %eax
        jne fail
        movb $0x10, %al
        outb %al, $0xf4
fail:   hlt
        jmp fail
        .balign 8
one:    .double 1.0
# All descriptors are marked as accessed already (0x9b and 0x93, not 0x9a and 0x92), as firmware marks its own: else loading a segment
# register writes that mark into the table. The table lies in ROM, which is a read-only memory slot under KVM, and KVM's emulator tries
# that write again for ever.
gdt:    .quad 0
        .quad 0x00cf9b000000ffff
        .quad 0x00cf93000000ffff
        .quad 0x00af9b000000ffff
gdtp:   .word 31
        .long 0xf0000 + gdt - start
